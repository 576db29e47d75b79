import { Injectable } from '@nestjs/common';
import { UNKNOWN_SUBJECT } from '../audit/audit-log.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import { LateVerificationError, type HashOrigin } from '../passwords/hash-queue.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import type { LoginSource } from '../throttling/login-source.js';
import type { Reservation, Throttled } from '../throttling/login-reservation.js';
import { LoginThrottle } from '../throttling/login-throttle.js';
import { PasswordUpgrades } from './password-upgrades.js';
import type { User } from './user.js';
import { UserRepository } from './user-repository.js';
import { canonicalUsername } from './username.js';

/** Why credentials were refused: for the log and the audit trail only; the client learns none of it. */
export type RefusalReason =
  | 'unknown user'
  | 'wrong password'
  | 'disabled user'
  | 'wrong code'
  | 'passkey refused'
  | 'passkey counter went back'
  | Throttled;

export interface AuthenticationFailure {
  readonly user: null;
  readonly reason: RefusalReason;
  /** The `sub`, or a keyed hash of a name that nobody has: people type passwords there. */
  readonly subject: string;
  /** To be counted with the record of the failure; `null`: the attempt was not admitted. */
  readonly reservation: Reservation | null;
}

export interface AuthenticationSuccess {
  readonly user: User;
  /** To be settled in the transaction that uses the success. */
  readonly reservation: Reservation;
}

/**
 * Checks a resource owner's credentials. An attempt that is admitted costs exactly one verification, whatever its
 * outcome; one that is not admitted costs none, but waits and fails as if it were in the queue for one.
 */
@Injectable()
export class UserAuthenticator {
  constructor(
    private readonly users: UserRepository,
    private readonly hasher: PasswordHasher,
    private readonly throttle: LoginThrottle,
    private readonly keys: DataKeysService,
    private readonly upgrades: PasswordUpgrades,
  ) {}

  /**
   * Refuses what would be refused for want of room, before anything is asked of the account: a storm costs the database
   * nothing, and its refusals tell nobody anything. Known devices have room of their own.
   *
   * @throws HashQueueFullError
   */
  assertRoom(username: string, source: LoginSource): void {
    const known = this.throttle.isKnownDevice(canonicalUsername(username) ?? username, source);
    this.hasher.assertRoom({ ...source.flow, known });
  }

  /**
   * @param password normalised
   * @throws HashQueueFullError, also where too many logins of the account are in flight
   */
  async authenticate(
    username: string,
    password: string,
    source: LoginSource,
  ): Promise<AuthenticationSuccess | AuthenticationFailure> {
    const canonical = canonicalUsername(username);
    const user = canonical === null ? null : await this.users.findByUsername(canonical);
    const outcome = await this.#check(user, canonical ?? username, password, source);
    if (outcome.user !== null) this.upgrades.consider(outcome.user, password);
    return outcome;
  }

  /** The same for a user who is known by a token, and must show the password once more. */
  async confirm(
    sub: string,
    password: string,
    source: LoginSource,
  ): Promise<AuthenticationSuccess | AuthenticationFailure> {
    const user = await this.users.findBySub(sub);
    return this.#check(user, user?.username ?? sub, password, source);
  }

  async #check(
    user: User | null,
    name: string,
    password: string,
    source: LoginSource,
  ): Promise<AuthenticationSuccess | AuthenticationFailure> {
    const subject = user?.sub ?? this.#nameHash(name);
    const reservation = await this.throttle.reserve(name, source);
    if (typeof reservation === 'string') {
      await this.hasher.verifyNothing(source.flow);
      return { user: null, reason: reservation, subject, reservation: null };
    }
    const refuse = (reason: RefusalReason): AuthenticationFailure => ({
      user: null,
      reason,
      subject,
      reservation,
    });
    const matches = await this.#verify(
      user,
      password,
      { ...source.flow, known: reservation.known },
      reservation,
    );
    if (user === null) return refuse('unknown user');
    if (!matches) return refuse('wrong password');
    if (!user.enabled) return refuse('disabled user');
    return { user, reservation };
  }

  /**
   * A password that was never compared must not count against the user. One that is compared too late for the answer
   * counts unless it is right: the deadline must not be a way to guess without a limit.
   */
  async #verify(
    user: User | null,
    password: string,
    origin: HashOrigin,
    reservation: Reservation,
  ): Promise<boolean> {
    try {
      return await this.hasher.verify(user?.passwordHash ?? null, password, origin);
    } catch (error) {
      if (error instanceof LateVerificationError && user !== null) {
        this.upgrades.considerLate(user, password, error.outcome, (matches) =>
          matches === false ? this.throttle.fail(reservation) : this.throttle.release(reservation),
        );
      } else {
        await this.throttle.release(reservation);
      }
      throw error;
    }
  }

  #nameHash(name: string): string {
    return `${UNKNOWN_SUBJECT}${this.keys.digest('unknown user name', name).slice(0, 22)}`;
  }
}

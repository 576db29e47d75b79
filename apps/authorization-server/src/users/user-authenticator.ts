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

/** Why credentials were refused. For the log and the audit log only; the client does not learn it. */
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
  /** The `sub`, or a keyed hash of an unknown name, because people type passwords into the wrong field. */
  readonly subject: string;
  /** Counted together with the record of the failure; `null`: the attempt was not admitted. */
  readonly reservation: Reservation | null;
}

export interface AuthenticationSuccess {
  readonly user: User;
  /** Settle it in the transaction that uses the success. */
  readonly reservation: Reservation;
}

/**
 * Checks a resource owner's credentials. An attempt that is admitted costs exactly one verification, whatever its
 * outcome. One that is not admitted costs none, but waits and fails like an attempt in the queue for a verification.
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
   * Refuses an attempt that would find no room in the queue, before the account is read: an overload causes no work for
   * the database, and its refusals reveal nothing. Known devices have a queue of their own.
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

  /** The same for a user who is identified by a token and has to enter the password again. */
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
   * A password that was not compared does not count as a failure. One that is compared after the answer counts if it is
   * wrong: otherwise the deadline would allow unlimited guesses.
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

import { Injectable } from '@nestjs/common';
import {
  Database,
  isStorageUnavailable,
  type IndependentStatements,
  type Statement,
} from '@latchkey/platform/database';
import type { FailedAttempt } from '../audit/failure-counts.js';
import type { LoginSource } from './login-source.js';
import { LoginTurns } from './login-turns.js';
import type { Reservation, Throttled } from './login-reservation.js';
import { byBucket, type Place } from './places.js';
import type { SourceBudgets, SourcePlace } from './source-budgets.js';
import { type Admission, type ThrottleAttempt, ThrottleRepository } from './throttle-repository.js';
import type { ThrottledFactor, ThrottleKeys } from './throttle-keys.js';
import type { ThrottleSettings } from '../config/authorization-server-config.js';
import { delaysOf, delaysWithoutAddress } from './throttle-settings.js';

const DAY = 86_400;

/** How long a source counts as known after a login, in seconds. */
const KNOWN_SOURCE_LIFETIME = 90 * DAY;

/**
 * Limits how fast passwords can be tried, per account. A known source (an address that has logged in to the account
 * before, or a device value) has its own budget, and all unknown sources share one. So an attacker at another address
 * cannot lock the owner out, and a botnet has a single budget. An unknown source also has a budget of accounts, see
 * {@link SourceBudgets}.
 *
 * An attempt takes a place in its budget before it is made, and counts as a failure only when it has failed. When all
 * places are taken the attempt waits, because the attempts in flight may succeed.
 */
@Injectable()
export class LoginThrottle {
  readonly #delays: readonly number[];
  readonly #delaysWithoutAddress: readonly number[];
  readonly #turns = new LoginTurns();

  constructor(
    private readonly database: Database,
    private readonly repository: ThrottleRepository,
    private readonly budgets: SourceBudgets,
    private readonly keys: ThrottleKeys,
    settings: ThrottleSettings,
    /** How long an attempt waits for a place. */
    private readonly deadlineMs: number,
  ) {
    this.#delays = delaysOf(settings);
    this.#delaysWithoutAddress = delaysWithoutAddress(settings);
  }

  /**
   * Takes a place for an attempt, as soon as there is one.
   *
   * @param name canonical; an unknown name is counted in the same way
   * @param factor the second factor that is shown; `null`: the password
   * @throws NoTurnError when there was no place before the deadline
   */
  async reserve(
    name: string,
    source: LoginSource,
    factor: ThrottledFactor | null = null,
  ): Promise<Reservation | Throttled> {
    const login = this.keys.account(name);
    const account = factor === null ? login : this.keys.factor(login, factor);
    const sourceKey = source.address === null ? null : this.keys.source(account, source.address);
    const loginSourceKey =
      factor === null || source.address === null ? sourceKey : this.keys.source(login, source.address);
    const attempt = this.#attempt(login, account, sourceKey, source);
    const until = performance.now() + this.deadlineMs;
    const place = await this.#place(() => this.repository.reserve(attempt), until);
    if (place === null) return 'too many attempts';
    const known = !place.key.equals(this.keys.shared(account, sourceKey !== null));
    const reservation = { account: login, place, known, sourceKey, loginSourceKey, budget: null };
    if (known || sourceKey === null || source.address === null) return reservation;
    const ofSource = { source: this.keys.budget(source.address), pair: sourceKey };
    const takeInBudget = () => this.#place(() => this.budgets.reserve(ofSource), until);
    const inBudget = await this.releaseOnFailure(reservation, takeInBudget);
    if (inBudget !== null) return { ...reservation, budget: { ...ofSource, place: inBudget } };
    await this.release(reservation);
    return 'too many accounts';
  }

  /** @returns `null`: the attempt is refused now */
  async #place(ask: () => Promise<Admission>, until: number): Promise<Place | null> {
    let admission = await ask();
    while (admission.state === 'full') admission = await this.#turns.wait(admission.key, ask, until);
    return admission.state === 'throttled' ? null : admission.place;
  }

  /** Whether the attempt comes from a device that has logged in to the account. Does not read the database. */
  isKnownDevice(name: string, { device }: LoginSource): boolean {
    return device !== null && this.keys.isGenuine(device, this.keys.account(name));
  }

  /** The credentials were right: the attempt is not counted, and the source is known from now on. */
  success({ place, known, sourceKey, loginSourceKey, budget }: Reservation): IndependentStatements<void> {
    const remember = (key: Buffer, ended: Place | null) =>
      this.repository.remember(key, KNOWN_SOURCE_LIFETIME, ended);
    const isFactor = loginSourceKey !== null && sourceKey?.equals(loginSourceKey) !== true;
    const knownForPasswords = isFactor ? [remember(loginSourceKey, null)] : [];
    // The attempt is in the bucket of its source. Both changes of it are one statement, because statements that are
    // written together must not touch the same row.
    if (sourceKey?.equals(place.key) === true) {
      return [...knownForPasswords, this.#ending(sourceKey, remember(sourceKey, place))];
    }
    const free = known ? this.repository.reset(place) : this.repository.release(place);
    const settled = this.#ending(place.key, free);
    if (sourceKey === null) return [settled];
    const remembered = [...knownForPasswords, remember(sourceKey, null)] as const;
    if (budget === null) return [settled, ...remembered];
    const inBudget = this.#ending(budget.source, this.budgets.succeed(budget, budget.place));
    return [inBudget, settled, ...remembered];
  }

  /** The password was right, but no login has succeeded: the source stays unknown, and earlier failures count. */
  passed({ place, budget }: Reservation): IndependentStatements<void> {
    const released = this.#ending(place.key, this.repository.release(place));
    if (budget === null) return [released];
    return [this.#ending(budget.source, this.budgets.succeed(budget, budget.place)), released];
  }

  /** As {@link LoginThrottle.passed}, when nothing else is stored in the same transaction. */
  pass(reservation: Reservation): Promise<void> {
    return this.database.writeTogether(this.passed(reservation));
  }

  /** As {@link LoginThrottle.success}, when nothing else is stored in the same transaction. */
  settle(reservation: Reservation): Promise<void> {
    return this.database.writeTogether(this.success(reservation));
  }

  /**
   * The credentials were wrong.
   *
   * @param reservation `null` when nothing was reserved
   * @returns what to store with the record of the failure
   */
  failed(reservation: Reservation | null): FailedAttempt<Reservation> | null {
    return reservation && { attempt: reservation, end: (attempts) => this.#failures(attempts) };
  }

  /** As {@link LoginThrottle.failed}, when nothing else is stored in the same transaction. */
  fail(reservation: Reservation): Promise<void> {
    const { place, budget } = reservation;
    const settled = this.#ending(place.key, this.repository.fail([place]));
    if (budget === null) return this.database.writeTogether([settled]);
    return this.database.writeTogether([...this.#failedInBudget([budget]), settled]);
  }

  /** Runs a step of an attempt, and releases its places if the step fails, which must not have ended it before. */
  async releaseOnFailure<T>(reservation: Reservation, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      // Without the database the place cannot be released; its lease expires.
      if (!isStorageUnavailable(error)) await this.release(reservation);
      throw error;
    }
  }

  /** The credentials were not checked, so the attempt does not count. */
  release({ place, budget }: Reservation): Promise<void> {
    const release = (each: Place) => this.#ending(each.key, this.repository.release(each));
    if (budget === null) return this.database.writeTogether([release(place)]);
    return this.database.writeTogether([release(budget.place), release(place)]);
  }

  /** The value that the device may present at its next login. */
  deviceValue({ account }: Pick<Reservation, 'account'>): string {
    return this.keys.createDeviceValue(account, Date.now() + KNOWN_SOURCE_LIFETIME * 1000);
  }

  /** The same, when an answer is repeated. @param name canonical */
  deviceValueOf(name: string): string {
    return this.deviceValue({ account: this.keys.account(name) });
  }

  /** One statement for each bucket, and one for each source at an account, which marks the account as counted. */
  #failures(reservations: readonly Reservation[]): Statement[] {
    const sources = byBucket(reservations.flatMap(({ budget }) => budget ?? []));
    return [
      ...sources.flatMap((budgets) => this.#failedInBudget(budgets)),
      ...byBucket(reservations).map((ofBucket) => {
        const [{ place }, ...others] = ofBucket;
        return this.#ending(place.key, this.repository.fail([place, ...others.map((other) => other.place)]));
      }),
    ];
  }

  #failedInBudget(budgets: readonly [SourcePlace, ...SourcePlace[]]): Statement[] {
    const { counted, marked } = this.budgets.fail(budgets);
    return [this.#ending(budgets[0].source, counted), ...marked];
  }

  /** After the statement is stored, the next waiting attempt asks for a place. */
  #ending(key: Buffer, statement: Statement): Statement {
    return { ...statement, afterCommit: () => this.#turns.ended(key) };
  }

  /** @param login the account, at which devices are known @param account the same, or that of one factor */
  #attempt(
    login: Buffer,
    account: Buffer,
    sourceKey: Buffer | null,
    { device }: LoginSource,
  ): ThrottleAttempt {
    const delays = this.#delays;
    if (device !== null && this.keys.isGenuine(device, login)) {
      return { known: null, shared: this.keys.device(account, device), delays };
    }
    const shared = this.keys.shared(account, sourceKey !== null);
    if (sourceKey !== null) return { known: sourceKey, shared, delays };
    return { known: null, shared, delays: this.#delaysWithoutAddress };
  }
}

import { Injectable } from '@nestjs/common';
import { afterCommit, Database, networkOf, type IndependentSteps, type Step } from '@latchkey/platform';
import type { FailedAttempt } from '../audit/failure-counts.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import { createDeviceValue, deviceValueIsGenuine } from './device-value.js';
import type { LoginSource } from './login-source.js';
import { LoginTurns } from './login-turns.js';
import { ThrottleRepository, type Delay, type Place, type ThrottleAttempt } from './throttle-repository.js';
import { delaysOf, type ThrottleSettings } from './throttle-settings.js';

const KEY_BYTES = 16;
const DAY = 86_400;

/** How long a source counts as known after a login, in seconds. */
const KNOWN_SOURCE_LIFETIME = 90 * DAY;

/**
 * Longest delay, in seconds, where nobody knows the end user's address: then everybody shares one budget, and a longer
 * delay would let anybody lock the owner out.
 */
const MAX_DELAY_WITHOUT_ADDRESS = 10;

/** An attempt in flight; to be settled when its outcome is known. */
export interface Reservation {
  readonly account: Buffer;
  /** In the bucket that counts it. */
  readonly place: Place;
  /** Whether the source has logged in to the account before. */
  readonly known: boolean;
  /** The bucket that the source gets by logging in; `null` when the source is unknown. */
  readonly sourceKey: Buffer | null;
}

/** Attempts at an account that must wait, from all these sources together. */
export interface AccountDelay extends Delay {
  readonly sources: 'unknown_addresses' | 'without_address';
}

/**
 * Limits how fast passwords can be tried, per account: a known source (an address that has logged in to the account
 * before, or a device value) has a budget of its own, and all unknown sources share one. So nobody can lock a stranger
 * out from another address, and a botnet shares one budget.
 *
 * An attempt takes a place in its budget before it is made, and counts as a failure only when it has failed. Where all
 * places are taken it waits, because those in flight may be right.
 */
@Injectable()
export class LoginThrottle {
  readonly #delays: readonly number[];
  readonly #delaysWithoutAddress: readonly number[];
  readonly #turns = new LoginTurns();

  constructor(
    private readonly database: Database,
    private readonly repository: ThrottleRepository,
    private readonly keys: DataKeysService,
    settings: ThrottleSettings,
    /** How long an attempt waits for a place. */
    private readonly deadlineMs: number,
  ) {
    const maxDelay = Math.min(settings.maxDelay, MAX_DELAY_WITHOUT_ADDRESS);
    this.#delays = delaysOf(settings);
    this.#delaysWithoutAddress = delaysOf({ ...settings, maxDelay });
  }

  /**
   * Takes a place for an attempt, as soon as there is one.
   *
   * @param name canonical; a name that nobody has is counted in the same way
   * @returns `null` when the attempt must not be made now
   * @throws NoTurnError when there was no place before the deadline
   */
  async reserve(name: string, source: LoginSource): Promise<Reservation | null> {
    const account = this.#keyOf('login account', name);
    const sourceKey = source.address === null ? null : this.#sourceKey(account, source.address);
    const attempt = this.#attempt(account, sourceKey, source);
    const until = performance.now() + this.deadlineMs;
    const ask = () => this.repository.reserve(attempt);
    let admission = await ask();
    while (admission.state === 'full') admission = await this.#turns.wait(admission.key, ask, until);
    if (admission.state === 'throttled') return null;
    const { place } = admission;
    const known = !place.key.equals(this.#sharedKey(account, sourceKey !== null));
    return { account, place, known, sourceKey };
  }

  /** Whether the attempt comes from a device that has logged in to the account. Asks nothing of the database. */
  isKnownDevice(name: string, { device }: LoginSource): boolean {
    return device !== null && this.#isGenuine(device, this.#keyOf('login account', name));
  }

  /** The credentials were right: they cost nothing, and the source is known from now on. */
  success({ place, known, sourceKey }: Reservation): IndependentSteps<void> {
    const { key } = place;
    if (sourceKey !== null && key.equals(sourceKey)) {
      // The bucket of a source that was known already: remembering it forgets its failures too.
      return [this.#ending(key, this.repository.remember(key, KNOWN_SOURCE_LIFETIME, place))];
    }
    const settled = this.#ending(
      key,
      known ? this.repository.reset(key, place) : this.repository.release(place),
    );
    if (sourceKey === null) return [settled];
    return [settled, this.repository.remember(sourceKey, KNOWN_SOURCE_LIFETIME, null)];
  }

  /** As {@link LoginThrottle.success}, where nothing else is stored with it. */
  settle(reservation: Reservation): Promise<void> {
    return this.database.writeTogether(() => this.success(reservation));
  }

  /**
   * The credentials were wrong.
   *
   * @param reservation `null` where nothing was reserved
   * @returns what to store with the record of the failure
   */
  failed(reservation: Reservation | null): FailedAttempt<Reservation> | null {
    return reservation && { attempt: reservation, end: (attempts) => this.#failures(attempts) };
  }

  /** As {@link LoginThrottle.failed}, where nothing else is stored with it. */
  fail({ place }: Reservation): Promise<void> {
    return this.database.writeTogether(() => [this.#ending(place.key, this.repository.fail([place]))]);
  }

  /** The credentials were never judged, so the attempt does not count. */
  release({ place }: Reservation): Promise<void> {
    return this.database.writeTogether(() => [this.#ending(place.key, this.repository.release(place))]);
  }

  /**
   * Which of an account's attempts must wait now. Known sources are left out: what is stored
   * does not tell to which account they belong.
   *
   * @param name canonical
   */
  async delaysOf(name: string): Promise<AccountDelay[]> {
    const account = this.#keyOf('login account', name);
    const find = async (sources: AccountDelay['sources'], delays: readonly number[]) => {
      const key = this.#sharedKey(account, sources === 'unknown_addresses');
      const delay = await this.repository.findDelay(key, delays);
      return delay === null ? [] : [{ ...delay, sources }];
    };
    const found = [
      find('unknown_addresses', this.#delays),
      find('without_address', this.#delaysWithoutAddress),
    ];
    return (await Promise.all(found)).flat();
  }

  /**
   * Forgets the failed attempts at an account: those from sources that nobody knows, and those from `address`.
   *
   * @param name canonical
   */
  *forget(name: string, address: string | null): Step<void> {
    const account = this.#keyOf('login account', name);
    for (const addressKnown of [true, false]) {
      yield* this.repository.reset(this.#sharedKey(account, addressKnown), null);
    }
    if (address !== null) yield* this.repository.reset(this.#sourceKey(account, address), null);
  }

  /** What the device may present at its next login. */
  deviceValue({ account }: Reservation): string {
    return createDeviceValue(
      account,
      this.keys.ring.active('digest').material,
      Date.now() + KNOWN_SOURCE_LIFETIME * 1000,
    );
  }

  /** One statement for each bucket. */
  #failures(reservations: readonly Reservation[]): Step<void>[] {
    const buckets = new Map<string, [Place, ...Place[]]>();
    for (const { place } of reservations) {
      const key = place.key.toString('hex');
      const places = buckets.get(key);
      if (places === undefined) buckets.set(key, [place]);
      else places.push(place);
    }
    return [...buckets.values()].map((places) => this.#ending(places[0].key, this.repository.fail(places)));
  }

  /** Once it is stored, the next attempt takes its turn. */
  *#ending(key: Buffer, step: Step<void>): Step<void> {
    yield* step;
    yield* afterCommit(() => this.#turns.ended(key));
  }

  #attempt(account: Buffer, sourceKey: Buffer | null, { device }: LoginSource): ThrottleAttempt {
    const delays = this.#delays;
    if (device !== null && this.#isGenuine(device, account)) {
      return {
        known: null,
        shared: this.#keyOf('login device', `${account.toString('hex')} ${device}`),
        delays,
      };
    }
    const shared = this.#sharedKey(account, sourceKey !== null);
    if (sourceKey !== null) return { known: sourceKey, shared, delays };
    return { known: null, shared, delays: this.#delaysWithoutAddress };
  }

  #isGenuine(device: string, account: Buffer): boolean {
    return deviceValueIsGenuine(device, account, this.keys.ring.active('digest').material, Date.now());
  }

  #sourceKey(account: Buffer, address: string): Buffer {
    return this.#keyOf('login source', `${account.toString('hex')} ${networkOf(address)}`);
  }

  #sharedKey(account: Buffer, addressKnown: boolean): Buffer {
    return this.#keyOf(
      addressKnown ? 'login unknown sources' : 'login without address',
      account.toString('hex'),
    );
  }

  #keyOf(use: string, value: string): Buffer {
    return Buffer.from(this.keys.digest(use, value), 'base64url').subarray(0, KEY_BYTES);
  }
}

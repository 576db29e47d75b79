import { Injectable } from '@nestjs/common';
import { Database, type IndependentSteps, type Step } from '@latchkey/platform';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import { createDeviceValue, deviceValueIsGenuine } from './device-value.js';
import { networkOf, type LoginSource } from './login-source.js';
import { ThrottleRepository, type ThrottleAttempt } from './throttle-repository.js';
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

/** An attempt that was counted; to be settled when its outcome is known. */
export interface Reservation {
  readonly account: Buffer;
  /** The bucket that counted it. */
  readonly key: Buffer;
  /** The bucket that the source gets by logging in; `null` when the source is unknown. */
  readonly sourceKey: Buffer | null;
}

/**
 * Limits how fast passwords can be tried. Attempts are counted before they are made, per account: a known source (an
 * address that has logged in to the account before, or a device value) has a budget of its own, and all unknown sources
 * share one. So nobody can lock a stranger out from another address, and a botnet shares one budget.
 */
@Injectable()
export class LoginThrottle {
  readonly #delays: readonly number[];
  readonly #delaysWithoutAddress: readonly number[];

  constructor(
    private readonly database: Database,
    private readonly repository: ThrottleRepository,
    private readonly keys: DataKeysService,
    settings: ThrottleSettings,
  ) {
    const maxDelay = Math.min(settings.maxDelay, MAX_DELAY_WITHOUT_ADDRESS);
    this.#delays = delaysOf(settings);
    this.#delaysWithoutAddress = delaysOf({ ...settings, maxDelay });
  }

  /**
   * Counts an attempt.
   *
   * @param name canonical; a name that nobody has is counted in the same way
   * @returns `null` when the attempt must not be made now
   */
  async reserve(name: string, source: LoginSource): Promise<Reservation | null> {
    const account = this.#keyOf('login account', name);
    const sourceKey = source.address === null ? null : this.#sourceKey(account, source.address);
    const key = await this.repository.reserve(this.#attempt(account, sourceKey, source));
    return key === null ? null : { account, key, sourceKey };
  }

  /** The credentials were right: they cost nothing, and the source is known from now on. */
  success({ account, key, sourceKey }: Reservation): IndependentSteps<void> {
    const shared = key.equals(this.#sharedKey(account, sourceKey !== null));
    const settled = shared ? this.repository.refund(key) : this.repository.reset(key);
    if (sourceKey === null) return [settled];
    const remembered = this.repository.remember(sourceKey, KNOWN_SOURCE_LIFETIME);
    // The bucket of a source that was known already: remembering it forgets its failures too.
    return key.equals(sourceKey) ? [remembered] : [settled, remembered];
  }

  /** As {@link LoginThrottle.success}, where nothing else is stored with it. */
  settle(reservation: Reservation): Promise<void> {
    return this.database.writeTogether(() => this.success(reservation));
  }

  /** The credentials were never judged, so the attempt does not count. */
  refund({ key }: Reservation): Promise<void> {
    return this.database.writeTogether(() => [this.repository.refund(key)]);
  }

  /**
   * Forgets the failed attempts at an account: those from sources that nobody knows, and those from `address`.
   *
   * @param name canonical
   */
  *forget(name: string, address: string | null): Step<void> {
    const account = this.#keyOf('login account', name);
    for (const addressKnown of [true, false]) {
      yield* this.repository.reset(this.#sharedKey(account, addressKnown));
    }
    if (address !== null) yield* this.repository.reset(this.#sourceKey(account, address));
  }

  /** What the device may present at its next login. */
  deviceValue({ account }: Reservation): string {
    return createDeviceValue(
      account,
      this.keys.ring.active('digest').material,
      Date.now() + KNOWN_SOURCE_LIFETIME * 1000,
    );
  }

  #attempt(account: Buffer, sourceKey: Buffer | null, { device }: LoginSource): ThrottleAttempt {
    const delays = this.#delays;
    const { material } = this.keys.ring.active('digest');
    if (device !== null && deviceValueIsGenuine(device, account, material, Date.now())) {
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

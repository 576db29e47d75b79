import type { SourcePlace } from './source-budgets.js';
import type { Place } from './places.js';
import type { Delay } from './throttle-repository.js';

/** Why an attempt must not be made now: too many failed at its account, or at too many accounts from its address. */
export type Throttled = 'too many attempts' | 'too many accounts';

/** An attempt in flight; to be settled when its outcome is known. */
export interface Reservation {
  readonly account: Buffer;
  /** In the bucket that counts it. */
  readonly place: Place;
  /** Whether the source has logged in to the account before. */
  readonly known: boolean;
  /** The bucket that the source gets by logging in; `null` when the source is unknown. */
  readonly sourceKey: Buffer | null;
  /** The bucket that the source has for passwords: the same one, unless a second factor was shown. */
  readonly loginSourceKey: Buffer | null;
  /** `null` where the source is known, or the address is not known. */
  readonly budget: SourcePlace | null;
}

/** Attempts at an account that must wait, from all these sources together. */
export interface AccountDelay extends Delay {
  readonly sources: 'unknown_addresses' | 'without_address';
}

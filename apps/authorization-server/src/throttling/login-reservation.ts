import type { SourcePlace } from './source-budgets.js';
import type { Place } from './places.js';

/** Why an attempt is refused now: too many failures at its account, or at too many accounts from its address. */
export type Throttled = 'too many attempts' | 'too many accounts';

/** An attempt in flight. Settle it when its outcome is known. */
export interface Reservation {
  readonly account: Buffer;
  /** The place in the bucket that counts the attempt. */
  readonly place: Place;
  /** Whether the source has logged in to the account before. */
  readonly known: boolean;
  /** The bucket of the source at this account, once it has logged in; `null` when the address is unknown. */
  readonly sourceKey: Buffer | null;
  /** The bucket of the source for passwords. It differs from `sourceKey` only when a second factor is shown. */
  readonly loginSourceKey: Buffer | null;
  /** `null` where the source is known, or its address is unknown. */
  readonly budget: SourcePlace | null;
}

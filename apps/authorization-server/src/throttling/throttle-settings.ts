import type { ThrottleSettings } from '../config/authorization-server-config.js';

/** Seconds until the budget of accounts of an address is full again after it was spent. */
export const ACCOUNT_REFILL_S = 1800;

/**
 * How long the next attempt must wait after the last failure, in milliseconds, by the number of failures that count.
 *
 * @returns the delays, beginning with the first number of failures that has one; the last delay applies to all higher
 *   numbers
 */
export function delaysOf({ baseDelay, maxDelay }: ThrottleSettings): number[] {
  const delays: number[] = [];
  for (let delay = baseDelay; delay < maxDelay; delay *= 2) delays.push(delay * 1000);
  return [...delays, maxDelay * 1000];
}

/**
 * Longest delay, in seconds, where the end user's address is unknown. Then all users share one budget, and with a
 * longer delay anyone could lock the account's owner out.
 */
const MAX_DELAY_WITHOUT_ADDRESS = 10;

/** {@link delaysOf} where the end user's address is unknown. */
export function delaysWithoutAddress(settings: ThrottleSettings): number[] {
  return delaysOf({ ...settings, maxDelay: Math.min(settings.maxDelay, MAX_DELAY_WITHOUT_ADDRESS) });
}

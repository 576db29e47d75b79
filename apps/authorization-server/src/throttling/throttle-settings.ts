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

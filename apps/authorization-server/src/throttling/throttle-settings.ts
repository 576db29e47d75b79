import type { ThrottleSettings } from '../config/authorization-server-config.js';

/** How long it takes, in seconds, until an address that has failed at all the accounts that it may has all of them again. */
export const ACCOUNT_REFILL_S = 1800;

/**
 * How long the next attempt must wait after the last one, in milliseconds, by the number of attempts that count.
 *
 * @returns the delays from the first number that has one; the last delay holds for all higher numbers
 */
export function delaysOf({ baseDelay, maxDelay }: ThrottleSettings): number[] {
  const delays: number[] = [];
  for (let delay = baseDelay; delay < maxDelay; delay *= 2) delays.push(delay * 1000);
  return [...delays, maxDelay * 1000];
}

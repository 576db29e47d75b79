/** How failed logins slow down further ones. Times in seconds. */
export interface ThrottleSettings {
  /** Attempts that cost no waiting; the next one waits `baseDelay`, and each one after that twice as long. */
  readonly freeAttempts: number;
  readonly baseDelay: number;
  readonly maxDelay: number;
  /** After this long without an attempt everything is forgotten. */
  readonly window: number;
  /** Accounts at which one address may fail; the next one is free when {@link ACCOUNT_REFILL_S} of this number has passed. */
  readonly sourceAccounts: number;
}

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

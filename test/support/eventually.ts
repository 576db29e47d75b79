import { setTimeout as sleep } from 'node:timers/promises';

/** Below the limit of a test, so that the last failure of the check is what is reported. */
const WITHIN_MS = 25_000;

/** Repeats a check until it passes; fails as it failed last when the time is over. */
export async function eventually(check: () => unknown, withinMs = WITHIN_MS): Promise<void> {
  const end = performance.now() + withinMs;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (performance.now() >= end) throw error;
      await sleep(10);
    }
  }
}

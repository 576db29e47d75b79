import { performance } from 'node:perf_hooks';

const BETWEEN_LOOKS_MS = 20;

/**
 * Runs what depends on time. When the machine stood still meanwhile, it proves nothing and is run again, whether it
 * passed or failed.
 *
 * @param longestPause milliseconds
 */
export async function undisturbed<T>(longestPause: number, run: () => Promise<T>): Promise<T> {
  for (;;) {
    let last = performance.now();
    let longest = 0;
    const look = (): void => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    };
    const timer = setInterval(look, BETWEEN_LOOKS_MS);
    try {
      const result = await run();
      look();
      if (longest < longestPause) return result;
    } catch (error) {
      look();
      if (longest < longestPause) throw error;
    } finally {
      clearInterval(timer);
    }
  }
}

import { executionAsyncResource } from 'node:async_hooks';

/** One object is enough, whatever the number of applications in the process. */
const kept = new Set<object>();

/**
 * Keeps one object of the queue of `process.nextTick` alive. V8 creates such objects quickly only while the first shape
 * of them exists. If none is alive during a garbage collection, the shape is collected too, and each tick of each
 * request is slow from then on. This happens nearly always behind a guard, because Nest awaits it and requests are
 * handled between ticks.
 */
export function keepTickShape(): void {
  process.nextTick(() => {
    if (kept.size === 0) kept.add(executionAsyncResource());
  });
}

import { executionAsyncResource } from 'node:async_hooks';

/** One is enough, whatever the number of applications in the process. */
const kept = new Set<object>();

/**
 * Keeps what `process.nextTick` once queued, because V8 writes such objects quickly only while their shape is the one that it
 * saw first. Where none is alive when the heap is collected, the shape goes too, and each tick of each request is slow
 * from then on. Behind a guard, which Nest awaits, requests are handled between ticks, and it nearly always went so.
 */
export function keepTickShape(): void {
  process.nextTick(() => {
    if (kept.size === 0) kept.add(executionAsyncResource());
  });
}

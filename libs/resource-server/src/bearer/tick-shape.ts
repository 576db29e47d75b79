import { executionAsyncResource } from 'node:async_hooks';

const kept: object[] = [];

/**
 * Keeps one object of the queue of `process.nextTick` alive. V8 creates such objects quickly only while the first shape
 * of them exists. If none is alive during a garbage collection, the shape is collected too, and each tick of each
 * request is slow from then on. This happens nearly always behind a guard, because Nest awaits it and requests are
 * handled between ticks.
 */
export function keepTickShape(): void {
  process.nextTick(() => kept.push(executionAsyncResource()));
}

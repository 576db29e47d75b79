import { collectDefaultMetrics, Registry } from 'prom-client';

let shared: Registry | undefined;

/**
 * Metrics of Node.js: processor time, memory, event loop, garbage collection. They are created once per process, on
 * first use, because their measurements run as long as the process.
 */
export function processMetrics(): Registry {
  if (shared === undefined) {
    shared = new Registry();
    collectDefaultMetrics({ register: shared });
  }
  return shared;
}

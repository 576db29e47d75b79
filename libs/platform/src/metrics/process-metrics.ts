import { collectDefaultMetrics, Registry } from 'prom-client';

let shared: Registry | undefined;

/**
 * What Node.js says of the process: processor time, memory, event loop, garbage collection. Once a process and from its
 * first use on, because the measurements behind them run for as long as the process does.
 */
export function processMetrics(): Registry {
  if (shared === undefined) {
    shared = new Registry();
    collectDefaultMetrics({ register: shared });
  }
  return shared;
}

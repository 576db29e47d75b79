import type { EnvironmentReader } from '../environment/environment-reader.js';

/** The address of the metrics. */
export interface MetricsEndpoint {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/**
 * Reads `METRICS_HOST` and `METRICS_PORT`. Metrics reveal which clients log in how often, and need no authentication:
 * so they have a port of their own, which by default only this machine can reach.
 *
 * @param serverPort the port of the server itself
 * @returns `null` when no port is set: no metrics are served
 */
export function readMetricsEndpoint(reader: EnvironmentReader, serverPort: number): MetricsEndpoint | null {
  const host = reader.host('METRICS_HOST', '127.0.0.1');
  if (reader.optional('METRICS_PORT') === null) return null;
  const port = reader.integer('METRICS_PORT', 0, { min: 0, max: 65_535 });
  if (port !== 0 && port === serverPort) reader.problem('METRICS_PORT', 'must differ from PORT');
  return { host, port };
}

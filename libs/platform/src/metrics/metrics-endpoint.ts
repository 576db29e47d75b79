import type { EnvironmentReader } from '../environment/environment-reader.js';

/** Where metrics are served. */
export interface MetricsEndpoint {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

/**
 * Reads `METRICS_HOST` and `METRICS_PORT`. Metrics tell who logs in how often, and nobody authenticates to read them:
 * so they have a port of their own, which answers this machine alone unless another address is asked for.
 *
 * @param serverPort what the server itself listens on
 * @returns `null` when no port is set: no metrics are served
 */
export function readMetricsEndpoint(reader: EnvironmentReader, serverPort: number): MetricsEndpoint | null {
  const host = reader.host('METRICS_HOST', '127.0.0.1');
  if (reader.optional('METRICS_PORT') === null) return null;
  const port = reader.integer('METRICS_PORT', 0, { min: 0, max: 65_535 });
  if (port !== 0 && port === serverPort) reader.problem('METRICS_PORT', 'must differ from PORT');
  return { host, port };
}

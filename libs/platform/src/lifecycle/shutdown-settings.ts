import type { EnvironmentReader } from '../environment/environment-reader.js';

export interface ShutdownSettings {
  /** Seconds from the signal, during which the server is not ready but answers, until it stops listening. */
  readonly delay: number;
  /** Seconds that requests in flight may take after that. */
  readonly timeout: number;
}

/** Together below the 30 s after which Kubernetes kills. */
const DELAY = 5;
const TIMEOUT = 20;

/** Reads `SHUTDOWN_DELAY` and `SHUTDOWN_TIMEOUT`. */
export function readShutdownSettings(reader: EnvironmentReader, production: boolean): ShutdownSettings {
  return {
    delay: reader.integer('SHUTDOWN_DELAY', production ? DELAY : 0, { min: 0, max: 300 }),
    timeout: reader.integer('SHUTDOWN_TIMEOUT', TIMEOUT, { min: 1, max: 300 }),
  };
}

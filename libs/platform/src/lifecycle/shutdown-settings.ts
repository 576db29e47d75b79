import type { EnvironmentReader } from '../environment/environment-reader.js';

export interface ShutdownSettings {
  /** Seconds after the signal until the server stops listening. It is not ready during this time, but answers. */
  readonly delay: number;
  /** Seconds for requests in flight after that. */
  readonly timeout: number;
}

/** In sum less than the 30 s after which Kubernetes kills the process. */
const DELAY = 5;
const TIMEOUT = 20;

/** Reads `SHUTDOWN_DELAY` and `SHUTDOWN_TIMEOUT`. */
export function readShutdownSettings(reader: EnvironmentReader, production: boolean): ShutdownSettings {
  return {
    delay: reader.integer('SHUTDOWN_DELAY', production ? DELAY : 0, { min: 0, max: 300 }),
    timeout: reader.integer('SHUTDOWN_TIMEOUT', TIMEOUT, { min: 1, max: 300 }),
  };
}

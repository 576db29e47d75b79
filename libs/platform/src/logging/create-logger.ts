import { pino, type DestinationStream, type Logger } from 'pino';
import { redact } from './redact.js';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** A line waits for others this long at most, in milliseconds, or until there are so many bytes. */
const FLUSH_MS = 50;
const FLUSH_BYTES = 8192;

/**
 * A JSON logger on standard output, or on `destination`. Every field passes {@link redact}. Lines are written together,
 * because a write for each would be a system call in each request; what waits is written when the process exits.
 */
export function createLogger(name: string, level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    name,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { log: (fields: object) => redact(fields) as Record<string, unknown> },
    serializers: { err: redact },
  };
  return pino(options, destination ?? standardOutput());
}

function standardOutput(): DestinationStream {
  return pino.destination({ fd: 1, sync: false, minLength: FLUSH_BYTES, periodicFlush: FLUSH_MS });
}

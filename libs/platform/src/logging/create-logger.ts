import { pino, type DestinationStream, type Logger } from 'pino';
import { redact } from './redact.js';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** A JSON logger on standard output, or on `destination`. Every field passes {@link redact}. */
export function createLogger(name: string, level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    name,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { log: (fields: object) => redact(fields) as Record<string, unknown> },
    serializers: { err: redact },
  };
  return destination ? pino(options, destination) : pino(options);
}

import { pino, type DestinationStream, type Logger } from 'pino';
import { BatchedLines } from './batched-lines.js';
import { redact } from './redact.js';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** One per process, because several would write their last lines in any order at the exit. */
let standardOutput: BatchedLines | undefined;

/** A JSON logger on standard output, or on `destination`. Every field passes through {@link redact}. */
export function createLogger(name: string, level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    name,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { log: (fields: object) => redact(fields) as Record<string, unknown> },
    serializers: { err: redact },
  };
  return pino(options, destination ?? (standardOutput ??= new BatchedLines(1)));
}

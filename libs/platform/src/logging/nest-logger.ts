import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Sends Nest's own messages to pino. Nest passes the context as the last parameter and a stack before it. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  /** Nest logs every module and route at the start. These details go to `debug`. */
  log(message: unknown, ...parameters: unknown[]): void {
    this.logger.debug({ detail: parameters }, String(message));
  }

  fatal(message: unknown, ...parameters: unknown[]): void {
    this.logger.fatal({ detail: parameters }, String(message));
  }

  error(message: unknown, ...parameters: unknown[]): void {
    this.logger.error({ detail: parameters }, String(message));
  }

  warn(message: unknown, ...parameters: unknown[]): void {
    this.logger.warn({ detail: parameters }, String(message));
  }

  debug(message: unknown, ...parameters: unknown[]): void {
    this.logger.debug({ detail: parameters }, String(message));
  }

  verbose(message: unknown, ...parameters: unknown[]): void {
    this.logger.trace({ detail: parameters }, String(message));
  }
}

import type { Logger } from '@nestjs/common';

const INTERVAL_MS = 60_000;

/** Logs a warning that may repeat quickly, at most once a minute. */
export class RepeatedWarning {
  #warnedAt = -Infinity;

  constructor(private readonly logger: Logger) {}

  /** @param message called only when it is logged */
  warn(message: () => string): void {
    const now = performance.now();
    if (now - this.#warnedAt < INTERVAL_MS) return;
    this.#warnedAt = now;
    this.logger.warn(message());
  }
}

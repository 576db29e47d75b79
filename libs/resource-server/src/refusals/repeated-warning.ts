import type { Logger } from '@nestjs/common';

const INTERVAL_MS = 60_000;

/** Warns of something that may go on all the time: at most once a minute. */
export class RepeatedWarning {
  #warnedAt = -Infinity;

  constructor(private readonly logger: Logger) {}

  /** @param message is made only where it is logged */
  warn(message: () => string): void {
    const now = performance.now();
    if (now - this.#warnedAt < INTERVAL_MS) return;
    this.#warnedAt = now;
    this.logger.warn(message());
  }
}

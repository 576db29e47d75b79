import type { Logger } from 'pino';

const INTERVAL_MS = 60_000;

/** Tells the log of something that may go on all the time: at most once a minute, with how often it happened since. */
export class RepeatedWarning {
  #times = 0;
  #toldAt = -Infinity;

  constructor(
    private readonly logger: Pick<Logger, 'warn'>,
    private readonly message: string,
  ) {}

  /** @param details are asked for only where a line is written */
  happened(details: () => object): void {
    this.#times++;
    const now = performance.now();
    if (now - this.#toldAt < INTERVAL_MS) return;
    this.logger.warn({ ...details(), times: this.#times }, this.message);
    this.#toldAt = now;
    this.#times = 0;
  }
}

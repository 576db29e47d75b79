import type { Logger } from 'pino';

const INTERVAL_MS = 60_000;

/** Logs a warning that may repeat quickly: at most once a minute, with the number of repetitions since the last one. */
export class RepeatedWarning {
  #times = 0;
  #toldAt = -Infinity;

  constructor(
    private readonly logger: Pick<Logger, 'warn'>,
    private readonly message: string,
  ) {}

  /** @param details called only when a line is written */
  happened(details: () => object): void {
    this.#times++;
    const now = performance.now();
    if (now - this.#toldAt < INTERVAL_MS) return;
    this.logger.warn({ ...details(), times: this.#times }, this.message);
    this.#toldAt = now;
    this.#times = 0;
  }
}

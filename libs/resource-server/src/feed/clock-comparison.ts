import { Logger } from '@nestjs/common';
import { RepeatedWarning } from '../refusals/repeated-warning.js';

/** The range of the server's current time, in milliseconds since the epoch. */
export interface ServerTime {
  readonly earliest: number;
  readonly latest: number;
}

/** Warns when the clocks of this host and of the authorization server differ by more than the tolerance. */
export class ClockComparison {
  readonly #warning = new RepeatedWarning(new Logger('RevocationFeed'));

  constructor(private readonly toleranceMs: number) {}

  /** @param hostTime milliseconds since the epoch */
  compare({ earliest, latest }: ServerTime, hostTime: number): void {
    const ahead = hostTime - latest;
    const behind = earliest - hostTime;
    if (ahead > this.toleranceMs) this.#warn(ahead, 'ahead of', 'its tokens count as expired too early');
    if (behind > this.toleranceMs) this.#warn(behind, 'behind', 'its tokens may count as not yet valid');
  }

  #warn(difference: number, direction: string, consequence: string): void {
    this.#warning.warn(
      () =>
        `The clock of this host is ${Math.round(difference / 1000)} s ${direction} the clock of the authorization server: ${consequence}`,
    );
  }
}

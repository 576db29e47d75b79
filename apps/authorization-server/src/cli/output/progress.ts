import type { Terminal } from '../terminal.js';
import { ProgressLine } from './progress-line.js';

/** Without a terminal, a line is written after this part of the work at the latest. */
const PARTS = 10;

/** Says how far a long command is. */
export class Progress {
  readonly #line: ProgressLine;
  #lastDone = 0;

  constructor(
    terminal: Terminal,
    /** What is done, such as `Imported`. */
    private readonly verb: string,
    private readonly total: number,
  ) {
    this.#line = new ProgressLine(terminal);
  }

  report(done: number): void {
    if (done >= this.total) return this.end();
    const isDue = done - this.#lastDone >= this.total / PARTS;
    if (this.#line.show(`${this.verb} ${done} of ${this.total} ...`, isDue)) this.#lastDone = done;
  }

  /** Makes room for what is said next; also after an error. */
  end(): void {
    this.#line.end();
  }
}

import type { Terminal } from '../terminal.js';

/** Without a terminal, a line is written after this part of the work at the latest, */
const PARTS = 10;
/** or after this time, in milliseconds: some build servers end what is silent. */
const INTERVAL_MS = 10_000;

const CLEAR_LINE = '\r\u001b[K';

/** Says on the standard error how far a long command is: a line that changes on a terminal, else a line now and then. */
export class Progress {
  #last = { done: 0, at: Date.now() };
  #isLineOpen = false;

  constructor(
    private readonly terminal: Terminal,
    /** What is done, such as `Imported`. */
    private readonly verb: string,
    private readonly total: number,
  ) {}

  report(done: number): void {
    if (done >= this.total) return this.end();
    const line = `${this.verb} ${done} of ${this.total} ...`;
    const { stderr } = this.terminal;
    if (stderr.isTTY === true) {
      stderr.write(CLEAR_LINE + line);
      this.#isLineOpen = true;
      return;
    }
    const now = Date.now();
    if (done - this.#last.done < this.total / PARTS && now - this.#last.at < INTERVAL_MS) return;
    this.#last = { done, at: now };
    this.terminal.note(line);
  }

  /** Makes room for what is said next; also after an error. */
  end(): void {
    if (this.#isLineOpen) this.terminal.stderr.write(CLEAR_LINE);
    this.#isLineOpen = false;
  }
}

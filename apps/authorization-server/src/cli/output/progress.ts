import type { Terminal } from '../terminal.js';

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

/** Without a terminal, a line is written after this time, in milliseconds: some build servers end what is silent. */
const INTERVAL_MS = 10_000;

const CLEAR_LINE = '\r\u001b[K';

/** Says on the standard error how far something is: a line that changes on a terminal, else a line now and then. */
export class ProgressLine {
  #notedAt = Date.now();
  #isOpen = false;

  constructor(private readonly terminal: Terminal) {}

  /**
   * @param isDue without a terminal: write a line though the last one is not long ago
   * @returns whether a line was written that stays
   */
  show(line: string, isDue = false): boolean {
    const { stderr } = this.terminal;
    if (stderr.isTTY === true) {
      stderr.write(CLEAR_LINE + line);
      this.#isOpen = true;
      return false;
    }
    const now = Date.now();
    if (!isDue && now - this.#notedAt < INTERVAL_MS) return false;
    this.#notedAt = now;
    this.terminal.note(line);
    return true;
  }

  /** Makes room for what is said next; also after an error. */
  end(): void {
    if (this.#isOpen) this.terminal.stderr.write(CLEAR_LINE);
    this.#isOpen = false;
  }
}

/** A search that is over sooner needs no progress, in milliseconds. */
const QUIET_MS = 2000;

/** Says how far the search for the rows of a list is, when it takes long. */
export class SearchProgress {
  readonly #start = Date.now();
  readonly #line: ProgressLine;

  constructor(terminal: Terminal) {
    this.#line = new ProgressLine(terminal);
  }

  /** @param pages that were examined */
  report(pages: number, found: number): void {
    if (Date.now() - this.#start < QUIET_MS) return;
    this.#line.show(`Searching: ${pages} pages examined, ${found} found ...`);
  }

  /** Makes room for what is said next; also after an error. */
  end(): void {
    this.#line.end();
  }
}

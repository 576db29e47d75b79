import type { Terminal } from '../terminal.js';

/** Without a terminal, a line is written at least after each of these parts of the work. */
const PARTS = 10;

/** Reports the progress of a long command. */
export class Progress {
  readonly #line: ProgressLine;
  #lastDone = 0;

  constructor(
    terminal: Terminal,
    /** The verb of the report, such as `Imported`. */
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

  /** Clears the line for the next output; also call it after an error. */
  end(): void {
    this.#line.end();
  }
}

/** Without a terminal, a line follows after these milliseconds: some build servers stop silent jobs. */
const INTERVAL_MS = 10_000;

const CLEAR_LINE = '\r\u001b[K';

/** Reports progress on the standard error: one changing line on a terminal, else a line from time to time. */
class ProgressLine {
  #notedAt = Date.now();
  #isOpen = false;

  constructor(private readonly terminal: Terminal) {}

  /**
   * @param isDue without a terminal: write a line even if the last one is recent
   * @returns whether a permanent line was written
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

  /** Clears the line for the next output; also call it after an error. */
  end(): void {
    if (this.#isOpen) this.terminal.stderr.write(CLEAR_LINE);
    this.#isOpen = false;
  }
}

/** A shorter search needs no progress report, in milliseconds. */
const QUIET_MS = 2000;

/** Reports the progress of a long search for the rows of a list. */
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

  /** Clears the line for the next output; also call it after an error. */
  end(): void {
    this.#line.end();
  }
}

import type { Terminal } from '../terminal.js';

/** A search that is over sooner needs no progress, in milliseconds. */
const QUIET_MS = 2000;
/** Without a terminal, a line is written after this time: some build servers end what is silent. */
const INTERVAL_MS = 10_000;

const CLEAR_LINE = '\r\u001b[K';

/** Says on the standard error how far the search for the rows of a list is, when it takes long. */
export class SearchProgress {
  readonly #start = Date.now();
  #lastLine = this.#start;
  #isLineOpen = false;

  constructor(private readonly terminal: Terminal) {}

  /** @param pages that were examined */
  report(pages: number, found: number): void {
    const now = Date.now();
    if (now - this.#start < QUIET_MS) return;
    const line = `Searching: ${pages} pages examined, ${found} found ...`;
    const { stderr } = this.terminal;
    if (stderr.isTTY === true) {
      stderr.write(CLEAR_LINE + line);
      this.#isLineOpen = true;
    } else if (now - this.#lastLine >= INTERVAL_MS) {
      this.#lastLine = now;
      this.terminal.note(line);
    }
  }

  /** Makes room for what is said next; also after an error. */
  end(): void {
    if (this.#isLineOpen) this.terminal.stderr.write(CLEAR_LINE);
    this.#isLineOpen = false;
  }
}

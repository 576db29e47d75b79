import type { Terminal } from '../terminal.js';
import { ProgressLine } from './progress-line.js';

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

import type { Terminal } from '../terminal.js';

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

import { closeSync, constants, openSync, readSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { CliError, EXIT } from './cli-error.js';
import { visible } from './output/visible.js';

/** The properties of a terminal in addition to those of a stream. */
export interface TerminalInput extends Readable {
  readonly isTTY?: boolean;
  readonly fd?: number;
  setRawMode?(raw: boolean): unknown;
}

export interface TerminalOutput extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const INTERRUPT = '\u0003';
/** Ctrl-D; NUL if it was typed before the terminal was in raw mode. */
const END_OF_INPUT = new Set(['\u0004', '\u0000']);
const ERASE = new Set(['\u007f', '\b']);
const ERASE_LINE = '\u0015';

/** Keys without a character, such as the arrows. */
const KEY_SEQUENCES = /\u001b(?:[[O][0-?]*[ -/]*[@-~])?/g;

/** Longer than any secret or password that the server takes. */
const MAX_LINE = 65_536;

const DISCARD_AT_MOST = 1_048_576;

/**
 * Reads lines that are typed at a terminal.
 *
 * From the first question to {@link release} the command controls the terminal: lines that are typed or pasted before
 * their question are kept for it, and lines that no question reads are discarded. Otherwise a shell would execute them,
 * and store them in its history.
 */
export class TypedLines {
  #decoder = new StringDecoder('utf8');
  #pending = '';
  #isTaken = false;
  #hasEnded = false;
  /** Continues the question that waits for keys. */
  #wake: (() => void) | null = null;

  constructor(
    private readonly stdin: TerminalInput,
    private readonly stderr: TerminalOutput,
  ) {}

  /**
   * Asks for a line.
   *
   * @param isShown whether the terminal shows what is typed
   * @throws CliError for Ctrl-C, and when the input ends without a line
   */
  async ask(question: string, { isShown }: { isShown: boolean }): Promise<string> {
    this.#take();
    this.stderr.write(question);
    let line = '';
    const show = (text: string): unknown => isShown && this.stderr.write(text);
    try {
      for (;;) {
        const key = await this.#nextKey();
        if (key === INTERRUPT) throw new CliError('Interrupted', EXIT.interrupted);
        if (key === '\r' || key === '\n') return line;
        if (key === null || END_OF_INPUT.has(key)) {
          if (line !== '') return line;
          throw CliError.usage('The input ended before the question was answered', 'Nothing was done.');
        }
        if (ERASE.has(key) || key === ERASE_LINE) {
          const characters = Array.from(line);
          const kept = key === ERASE_LINE ? [] : characters.slice(0, -1);
          show('\b \b'.repeat(characters.length - kept.length));
          line = kept.join('');
        } else if (key >= ' ' || key === '\t') {
          line += key;
          show(visible(key));
          if (line.length > MAX_LINE) throw CliError.usage('The line is too long');
        }
      }
    } finally {
      this.stderr.write('\n');
    }
  }

  /** Restores the terminal, and discards what was typed. */
  release(): void {
    if (!this.#isTaken) return;
    this.#isTaken = false;
    this.#pending = '';
    this.stdin.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onEnd);
    this.stdin.pause();
    if (this.stdin.fd !== undefined) discardInput(this.stdin.fd);
    this.stdin.setRawMode?.(false);
  }

  #take(): void {
    if (this.#isTaken) return;
    this.#isTaken = true;
    this.stdin.setRawMode?.(true);
    this.stdin.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onEnd);
    this.stdin.resume();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#pending += this.#decoder.write(chunk).replace(KEY_SEQUENCES, '').replaceAll('\r\n', '\n');
    // Ctrl-C overrides everything that was typed.
    if (this.#pending.includes(INTERRUPT)) this.#pending = INTERRUPT;
    if (this.#wake !== null) return this.#wake();
    if (this.#pending !== INTERRUPT) return;
    // No question waits, so Ctrl-C has its usual effect:
    this.release();
    process.kill(process.pid, 'SIGINT');
  };

  readonly #onEnd = (): void => {
    this.#hasEnded = true;
    this.#wake?.();
  };

  /** @returns `null` at the end of the input */
  async #nextKey(): Promise<string | null> {
    while (this.#pending === '') {
      if (this.#hasEnded) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
    const key = String.fromCodePoint(this.#pending.codePointAt(0) ?? 0);
    this.#pending = this.#pending.slice(key.length);
    return key;
  }
}

/** Discards what the terminal still buffers. The terminal is opened again, in a mode that never blocks. */
function discardInput(descriptor: number): void {
  const buffer = Buffer.alloc(4096);
  try {
    const terminal = openSync(`/dev/fd/${descriptor}`, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      for (let read = 1, total = 0; read > 0 && total < DISCARD_AT_MOST; total += read) {
        read = readSync(terminal, buffer);
      }
    } finally {
      closeSync(terminal);
    }
  } catch {
    // EAGAIN: the buffer is empty. If the terminal cannot be opened, there is nothing to read either.
  }
}

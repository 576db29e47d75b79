import { once } from 'node:events';
import { TypedLines, type TerminalInput, type TerminalOutput } from './typed-lines.js';

/** Input and output of a command: results go to `stdout`, messages to `stderr`. */
export class Terminal {
  /** For questions, if the terminal is interactive. */
  readonly lines: TypedLines;

  constructor(
    readonly stdin: TerminalInput,
    readonly stdout: TerminalOutput,
    readonly stderr: TerminalOutput,
  ) {
    this.lines = new TypedLines(stdin, stderr);
  }

  /** Whether questions can be asked. */
  get isInteractive(): boolean {
    return this.stdin.isTTY === true && this.stderr.isTTY === true;
  }

  /** Whether the result may have colours: see https://no-color.org. */
  hasColour({ NO_COLOR: noColour, TERM: kind }: Readonly<Record<string, string | undefined>>): boolean {
    return this.stdout.isTTY === true && !noColour && kind !== 'dumb';
  }

  /** Columns that a line of the result may have; no limit for a pipe. */
  get width(): number {
    return this.stdout.isTTY === true ? (this.stdout.columns ?? 80) : Infinity;
  }

  /** Writes a part of the result, and waits while the reader is slow. */
  async write(text: string): Promise<void> {
    if (!this.stdout.write(text)) await once(this.stdout, 'drain');
  }

  /** Writes lines of the result. */
  print(...lines: string[]): Promise<void> {
    return this.write(lines.map((line) => `${line}\n`).join(''));
  }

  /** Writes one JSON document as the result. */
  printJson(value: unknown): Promise<void> {
    return this.print(JSON.stringify(value, null, 2));
  }

  /** Writes messages that are not part of the result. */
  note(...lines: string[]): void {
    this.stderr.write(lines.map((line) => `${line}\n`).join(''));
  }
}

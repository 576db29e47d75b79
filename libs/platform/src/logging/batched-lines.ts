import { write, writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** A line waits for others this long at most, in milliseconds, or until there are so many characters. */
const WAIT_MS = 50;
const BATCH_LENGTH = 32 * 1024;

/** What waits for a reader that has stopped reading is memory, so there is an end to it; in characters. */
const MOST_WAITING = 4 * 1024 * 1024;

/** A reader that is slow is waited for when the process exits, for this long at most, in milliseconds. */
const EXIT_PATIENCE_MS = 1000;

/**
 * Writes log lines to a file descriptor together, because a write for each would be a system call in each request. What
 * waits is written when the process exits. What cannot be written, to a full disk or a reader that does not read, is
 * lost and counted: a server goes on without its log, and says so when there is one again.
 *
 * sonic-boom, which is pino's own, counts all bytes that wait anew for each line, keeps a batch that it is given during a
 * write until it is given more, and never returns from its last write to a full disk.
 */
export class BatchedLines implements DestinationStream {
  #waiting = '';
  #lost = 0;
  #isWriting = false;
  #flushed: (() => void)[] = [];

  constructor(private readonly fd: number) {
    setInterval(() => this.#writeWaiting(), WAIT_MS).unref();
    process.on('exit', () => this.#writeAtExit());
  }

  write(line: string): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#lost++;
      return;
    }
    this.#waiting += line;
    if (this.#waiting.length >= BATCH_LENGTH) this.#writeWaiting();
  }

  /** @param done called once every line that came before is written, or lost */
  flush(done: () => void): void {
    this.#flushed.push(done);
    this.#writeWaiting();
  }

  #writeWaiting(): void {
    if (this.#isWriting) return;
    if (this.#waiting === '') {
      for (const done of this.#flushed.splice(0)) done();
      return;
    }
    this.#isWriting = true;
    this.#write(this.#take(), this.#lost);
  }

  /** @param told how many lost lines the bytes tell of */
  #write(bytes: Buffer, told: number): void {
    write(this.fd, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => this.#write(bytes, told), WAIT_MS).unref();
      else if (error === null && written < bytes.length) this.#write(bytes.subarray(written), told);
      else this.#end(error === null ? -told : linesIn(bytes) - Math.sign(told));
    });
  }

  #end(lost: number): void {
    this.#isWriting = false;
    this.#lost += lost;
    // Lines that came meanwhile are a batch like any other, and wait for more; unless somebody waits for them.
    if (this.#flushed.length > 0) this.#writeWaiting();
  }

  /** Everything that waits, and after it how much does not wait any more. */
  #take(): Buffer {
    const lines = this.#waiting + lossOf(this.#lost);
    this.#waiting = '';
    return Buffer.from(lines);
  }

  #writeAtExit(): void {
    const deadline = performance.now() + EXIT_PATIENCE_MS;
    let bytes = this.#take();
    while (bytes.length > 0) {
      try {
        bytes = bytes.subarray(writeSync(this.fd, bytes));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || performance.now() > deadline) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      }
    }
  }
}

function linesIn(bytes: Buffer): number {
  return bytes.toString().split('\n').length - 1;
}

/** A line for the log that has lost lines. */
function lossOf(lost: number): string {
  if (lost === 0) return '';
  const msg = 'log lines were lost, because they could not be written';
  return `${JSON.stringify({ level: 50, time: new Date().toISOString(), lost, msg })}\n`;
}

import { write, writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** A line waits at most this many milliseconds, or until the batch has this many characters. */
const WAIT_MS = 50;
const BATCH_LENGTH = 32 * 1024;

/** Maximum number of waiting characters, because a reader that has stopped reading must not fill the memory. */
const MOST_WAITING = 4 * 1024 * 1024;

/** How long to wait for a slow reader when the process exits, in milliseconds. */
const EXIT_PATIENCE_MS = 1000;

/**
 * Writes log lines to a file descriptor in batches, because one write per line would add a system call to each request.
 * Waiting lines are written when the process exits. Lines that cannot be written, because the disk is full or the
 * reader does not read, are lost and counted: the server continues without its log, and reports the loss when it can
 * write again.
 *
 * sonic-boom, pino's own destination, counts all waiting bytes again for each line, keeps a batch that arrives during a
 * write until the next line, and never returns from its last write to a full disk.
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

  /** @param done called when all earlier lines are written or lost */
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

  /** @param reported the number of lost lines that the bytes report */
  #write(bytes: Buffer, reported: number): void {
    write(this.fd, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => this.#write(bytes, reported), WAIT_MS).unref();
      else if (error === null && written < bytes.length) this.#write(bytes.subarray(written), reported);
      else this.#end(error === null ? -reported : linesIn(bytes) - Math.sign(reported));
    });
  }

  #end(lost: number): void {
    this.#isWriting = false;
    this.#lost += lost;
    // Lines that arrived meanwhile wait for more lines, like any batch, unless a flush waits for them.
    if (this.#flushed.length > 0) this.#writeWaiting();
  }

  /** All waiting lines, followed by a report of the lost ones. */
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

/** A log line that reports lost lines. */
function lossOf(lost: number): string {
  if (lost === 0) return '';
  const msg = 'log lines were lost, because they could not be written';
  return `${JSON.stringify({ level: 50, time: new Date().toISOString(), lost, msg })}\n`;
}

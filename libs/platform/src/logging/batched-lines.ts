import { pino, type DestinationStream } from 'pino';

/** A line waits for others this long at most, in milliseconds, or until there are so many characters. */
const WAIT_MS = 50;
const BATCH_LENGTH = 32 * 1024;

/** No limit of the stream's own is ever reached by one batch and the line that completes it. */
const STREAM_LIMITS = { minLength: 1024 * 1024, maxWrite: 2 * 1024 * 1024 };

/**
 * Writes log lines to a file descriptor together, because a write for each would be a system call in each request. What
 * waits is written when the process exits.
 *
 * sonic-boom would do the same by itself, but counts the bytes of all that waits anew for each line.
 */
export class BatchedLines implements DestinationStream {
  readonly #stream;
  #waiting = '';
  /** The stream keeps what it is given meanwhile until it is given more, so it is given nothing. */
  #isWriting = false;

  constructor(fd: number) {
    this.#stream = pino.destination({ fd, sync: false, ...STREAM_LIMITS });
    // Not flushed at once: what came meanwhile is a batch like any other, and waits for its lines.
    this.#stream.on('drain', () => {
      this.#isWriting = false;
    });
    setInterval(() => this.#flush(), WAIT_MS).unref();
    process.on('exit', () => {
      this.#stream.write(this.#waiting);
      this.#stream.flushSync();
    });
  }

  write(line: string): void {
    this.#waiting += line;
    if (this.#waiting.length >= BATCH_LENGTH) this.#flush();
  }

  #flush(): void {
    if (this.#waiting === '' || this.#isWriting) return;
    this.#isWriting = true;
    this.#stream.write(this.#waiting);
    this.#waiting = '';
    this.#stream.flush();
  }
}

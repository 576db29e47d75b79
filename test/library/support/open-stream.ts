/** A response that goes on until the server ends it. */
export class OpenStream {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(readonly response: Response) {
    if (response.body === null) throw new Error('No body');
    this.#reader = response.body.getReader();
  }

  /** Waits for that many pieces. */
  async read(pieces: number): Promise<void> {
    for (let read = 0; read < pieces; read++) {
      const { done } = await this.#reader.read();
      if (done) throw new Error('The stream has ended');
    }
  }

  /** @returns how long it takes to the end, in milliseconds */
  async end(): Promise<number> {
    const startedAt = performance.now();
    for (;;) {
      // It is cut, and nothing says that it was complete.
      const piece = await this.#reader.read().catch(() => ({ done: true }));
      if (piece.done) return performance.now() - startedAt;
    }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

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

  /**
   * Waits until the server has cut it.
   *
   * @returns how many events came until then: a clock for the time in which the server was not standing still itself
   */
  async end(): Promise<number> {
    let text = '';
    for (;;) {
      // It is cut, and nothing says that it was complete.
      const piece = await this.#reader.read().catch(() => ({ done: true, value: undefined }));
      if (piece.done) return text.split('data: ').length - 1;
      text += Buffer.from(piece.value ?? []).toString();
    }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

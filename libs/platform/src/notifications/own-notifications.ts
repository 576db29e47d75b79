/** The notifications of this process that it has not received back yet. */
export class OwnNotifications {
  readonly #waiting = new Map<number, () => void>();
  #last = 0;

  constructor(private readonly origin: string) {}

  /** `received` resolves when the notification was received, or can no longer be received. */
  add(payload: string): { number: number; message: string; received: Promise<void>; forget: () => void } {
    const number = ++this.#last;
    const received = new Promise<void>((resolve) => this.#waiting.set(number, resolve));
    return {
      number,
      message: `note ${this.origin} ${number} ${payload}`,
      received,
      forget: () => void this.#waiting.delete(number),
    };
  }

  settle(number: number): void {
    this.#waiting.get(number)?.();
    this.#waiting.delete(number);
  }

  /** None of them can be received any more. */
  abandon(): void {
    for (const resolve of this.#waiting.values()) resolve();
    this.#waiting.clear();
  }
}

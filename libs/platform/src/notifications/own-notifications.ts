/** The notifications of this process that it has not heard yet itself. */
export class OwnNotifications {
  readonly #waiting = new Map<number, () => void>();
  #last = 0;

  constructor(private readonly origin: string) {}

  /** `heard` resolves when the notification has come back, or cannot any more. */
  add(payload: string): { number: number; message: string; heard: Promise<void>; forget: () => void } {
    const number = ++this.#last;
    const heard = new Promise<void>((resolve) => this.#waiting.set(number, resolve));
    return {
      number,
      message: `note ${this.origin} ${number} ${payload}`,
      heard,
      forget: () => void this.#waiting.delete(number),
    };
  }

  heard(number: number): void {
    this.#waiting.get(number)?.();
    this.#waiting.delete(number);
  }

  /** Nothing of it will be heard. */
  abandon(): void {
    for (const resolve of this.#waiting.values()) resolve();
    this.#waiting.clear();
  }
}

/** The keys of entries by something that several entries may share. */
export class TokenIndex {
  readonly #keys = new Map<string, Set<number>>();

  add(name: string | null, key: number): void {
    if (name === null) return;
    const keys = this.#keys.get(name);
    if (keys === undefined) this.#keys.set(name, new Set([key]));
    else keys.add(key);
  }

  delete(name: string | null, key: number): void {
    if (name === null) return;
    const keys = this.#keys.get(name);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(name);
  }

  /** A copy: entries may be deleted while it is read. */
  keysOf(name: string): number[] {
    return [...(this.#keys.get(name) ?? [])];
  }

  clear(): void {
    this.#keys.clear();
  }
}

interface EndedSession {
  readonly client: string;
  readonly expiresAt: number;
  /** From then on no answer can be on its way that does not know of the end. */
  readonly neededUntil: number;
}

/** Whose sessions these are, where the feed does not say. */
const ANY_CLIENT = '';

/**
 * Sessions that have ended, bounded. Below the bound a client has as much room as it likes. At the bound, what nobody
 * needs any more goes; else the client with most loses all of its room until the last of its sessions would have ended
 * by itself, and its tokens alone have to be asked about meanwhile.
 */
export class EndedSessions {
  /** All live about as long, so those that came first are the first to end. */
  readonly #sessions = new Map<string, EndedSession>();
  readonly #counts = new Map<string, number>();
  /** Clients without room, and until when. */
  readonly #crowdedUntil = new Map<string, number>();

  /**
   * @param neededMs how long an answer that does not know of the end can be on its way; `Infinity`: as long as a token lives
   * @param onCrowd is called when a client loses its room
   */
  constructor(
    private readonly maxEntries: number,
    private readonly neededMs: number,
    private readonly onCrowd: () => void = () => undefined,
  ) {}

  get size(): number {
    return this.#sessions.size;
  }

  has(sid: string, now: number): boolean {
    const session = this.#sessions.get(sid);
    return session !== undefined && now < session.expiresAt;
  }

  /** Whether any client is without room. */
  get isCrowded(): boolean {
    return this.#crowdedUntil.size > 0;
  }

  /** Whether a session of the client may have ended that is not known. */
  mayMiss(client: string, now: number): boolean {
    return now < (this.#crowdedUntil.get(client) ?? -Infinity);
  }

  /** The same for sessions whose client the feed does not say. */
  get completeFrom(): number {
    return this.#crowdedUntil.get(ANY_CLIENT) ?? -Infinity;
  }

  /** @param client as the feed calls it; `null` where it does not say */
  add(sid: string, client: string | null, expiresAt: number, now: number): void {
    this.#dropExpired(now);
    const name = client ?? ANY_CLIENT;
    if (now < (this.#crowdedUntil.get(name) ?? -Infinity)) {
      this.#crowdedUntil.set(name, expiresAt);
      return;
    }
    // Behind all others, so that the order stays that of their ends.
    this.#delete(sid);
    this.#sessions.set(sid, {
      client: name,
      expiresAt,
      neededUntil: Math.min(expiresAt, now + this.neededMs),
    });
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    if (this.#sessions.size > this.maxEntries) this.#makeRoom(now);
  }

  /** Clients are called by other names from now on, and what was not kept is told again. */
  rename(): void {
    this.#crowdedUntil.clear();
  }

  #makeRoom(now: number): void {
    const [first] = this.#sessions;
    if (first !== undefined && now >= first[1].neededUntil) {
      this.#delete(first[0]);
      return;
    }
    this.onCrowd();
    const [crowd] = [...this.#counts].reduce((one, other) => (other[1] > one[1] ? other : one));
    for (const [sid, { client, expiresAt }] of this.#sessions) {
      if (client !== crowd) continue;
      this.#delete(sid);
      this.#crowdedUntil.set(crowd, expiresAt);
    }
  }

  #delete(sid: string): void {
    const session = this.#sessions.get(sid);
    if (session === undefined) return;
    this.#sessions.delete(sid);
    const count = (this.#counts.get(session.client) ?? 0) - 1;
    if (count > 0) this.#counts.set(session.client, count);
    else this.#counts.delete(session.client);
  }

  #dropExpired(now: number): void {
    for (const [sid, { expiresAt }] of this.#sessions) {
      if (now < expiresAt) break;
      this.#delete(sid);
    }
    for (const [client, until] of this.#crowdedUntil) if (now >= until) this.#crowdedUntil.delete(client);
  }
}

interface EndedSession {
  readonly client: string;
  readonly expiresAt: number;
  /** After this time every answer that arrives knows that the session has ended. */
  readonly neededUntil: number;
}

/** The client of sessions for which the feed names none. */
const ANY_CLIENT = '';

/**
 * Ended sessions, limited in number. Below the limit a client has as much room as it needs. At the limit, a session
 * that is no longer needed is removed. If there is none, the client with the most sessions loses all of its room until
 * the last of its sessions would have expired. Meanwhile all tokens of this client, and of no other, are introspected.
 */
export class EndedSessions {
  /** All sessions are kept for about the same time, so the first one to be added is the first to expire. */
  readonly #sessions = new Map<string, EndedSession>();
  readonly #counts = new Map<string, number>();
  /** Clients that have lost their room, and until when. */
  readonly #crowdedUntil = new Map<string, number>();

  /**
   * @param neededMs how long an answer that does not know of the end may be delayed; `Infinity`: as long as a token
   *   lives
   * @param onCrowd called when a client loses its room
   */
  constructor(
    private readonly maxEntries: number,
    private readonly neededMs: number,
    private readonly onCrowd: () => void,
  ) {}

  get size(): number {
    return this.#sessions.size;
  }

  has(sid: string, now: number): boolean {
    const session = this.#sessions.get(sid);
    return session !== undefined && now < session.expiresAt;
  }

  /** Whether any client has lost its room. */
  get isCrowded(): boolean {
    return this.#crowdedUntil.size > 0;
  }

  /** Whether an ended session of the client may be missing. */
  mayMiss(client: string, now: number): boolean {
    return now < (this.#crowdedUntil.get(client) ?? -Infinity);
  }

  /** The same for sessions without a client in the feed. */
  get completeFrom(): number {
    return this.#crowdedUntil.get(ANY_CLIENT) ?? -Infinity;
  }

  /** @param client the name or digest in the feed; `null` if the feed names none */
  add(sid: string, client: string | null, expiresAt: number, now: number): void {
    this.#dropExpired(now);
    const name = client ?? ANY_CLIENT;
    if (now < (this.#crowdedUntil.get(name) ?? -Infinity)) {
      this.#crowdedUntil.set(name, expiresAt);
      return;
    }
    // At the end, so that the order stays that of the expiry.
    this.#delete(sid);
    this.#sessions.set(sid, {
      client: name,
      expiresAt,
      neededUntil: Math.min(expiresAt, now + this.neededMs),
    });
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    if (this.#sessions.size > this.maxEntries) this.#makeRoom(now);
  }

  /** Clients have other names from now on, and the feed sends all ended sessions again. */
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

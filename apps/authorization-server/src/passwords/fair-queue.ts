/** Whose an item is. One client may speak for many sources, and many clients for one source. */
export interface Flow {
  readonly client: string;
  /** Of the end user, as far as anybody knows. */
  readonly source: string;
  /** How long an item may wait, in milliseconds, where that is longer than the deadline for all. */
  readonly minDeadlineMs?: number;
}

export interface FairQueueItem {
  /** Whether it takes room, and a turn. One that does not goes when one in its place would. */
  readonly counts: boolean;
}

/** The waiting items of one flow. */
interface Line<T> {
  readonly items: T[];
  size: number;
}

/** The flows of one client, the next one first. */
interface Share<T> {
  readonly lines: Map<string, Line<T>>;
  size: number;
}

/**
 * A bounded queue in which no flow waits for another's length. Clients take turns, and so do the sources of each client; within
 * a flow the first item that came is the first to go. So between two items of a client every other client has one turn at
 * most, and between two of a source every other source of its client.
 *
 * When it is full, whoever has the most makes room for whoever has less: the newest item of the longest flow of the
 * client that has the most is pushed out. So a flow alone may fill the queue, and keeps nobody out.
 */
export class FairQueue<T extends FairQueueItem> {
  /** The client whose turn it is comes first. */
  readonly #shares = new Map<string, Share<T>>();
  #size = 0;

  constructor(private readonly limit: number) {}

  /** How many items wait that count. */
  get size(): number {
    return this.#size;
  }

  get isEmpty(): boolean {
    return this.#shares.size === 0;
  }

  /** How many flows have something that waits. */
  get flows(): number {
    let flows = 0;
    for (const { lines } of this.#shares.values()) flows += lines.size;
    return flows;
  }

  /** Whether an item that counts would get in, if need be instead of another one. */
  hasRoom(flow: Flow): boolean {
    return this.#size < this.limit || this.#longerThan(flow) !== null;
  }

  /** @returns what was pushed out; `null`: there is no room, and nothing has changed */
  push(flow: Flow, item: T): T[] | null {
    const isFull = this.#size >= this.limit;
    const longer = isFull ? this.#longerThan(flow) : null;
    if (isFull && longer === null) return null;
    const pushedOut = item.counts && longer !== null ? this.#pushOut(longer) : [];
    const share = getOrAdd(this.#shares, flow.client, () => ({ lines: new Map<string, Line<T>>(), size: 0 }));
    const line = getOrAdd(share.lines, flow.source, () => ({ items: [], size: 0 }));
    line.items.push(item);
    if (item.counts) this.#count(share, line, 1);
    return pushedOut;
  }

  /** Takes the next item. */
  shift(): T | undefined {
    const [client, share] = first(this.#shares) ?? [];
    const [source, line] = first(share?.lines) ?? [];
    const item = line?.items.shift();
    if (client === undefined || !share || source === undefined || !line || !item) return undefined;
    if (item.counts) {
      this.#count(share, line, -1);
      moveToEnd(this.#shares, client, share);
      moveToEnd(share.lines, source, line);
    }
    this.#forgetEmpty({ client, source });
    return item;
  }

  /** Takes an item out, wherever it is. */
  remove(flow: Flow, item: T): void {
    const share = this.#shares.get(flow.client);
    const line = share?.lines.get(flow.source);
    const place = line?.items.indexOf(item) ?? -1;
    if (share === undefined || line === undefined || place === -1) return;
    line.items.splice(place, 1);
    if (item.counts) this.#count(share, line, -1);
    this.#forgetEmpty(flow);
  }

  /** A flow that is to make room for another one: it has more than the other would have then. */
  #longerThan({ client, source }: Flow): Flow | null {
    const own = this.#shares.get(client);
    const [largest, share] = longest(this.#shares) ?? [];
    if (largest !== undefined && share !== undefined && share.size > (own?.size ?? 0) + 1) {
      const [longestSource] = longest(share.lines) ?? [];
      return longestSource === undefined ? null : { client: largest, source: longestSource };
    }
    const [longestSource, line] = longest(own?.lines) ?? [];
    if (longestSource === undefined || line === undefined) return null;
    return line.size > (own?.lines.get(source)?.size ?? 0) + 1 ? { client, source: longestSource } : null;
  }

  /** The newest item that counts, and what is newer: an item in its place would have been pushed out before. */
  #pushOut(flow: Flow): T[] {
    const share = this.#shares.get(flow.client);
    const line = share?.lines.get(flow.source);
    if (share === undefined || line === undefined) return [];
    const gone = line.items.splice(line.items.findLastIndex(({ counts }) => counts));
    this.#count(share, line, -1);
    this.#forgetEmpty(flow);
    return gone;
  }

  #count(share: Share<T>, line: Line<T>, by: number): void {
    this.#size += by;
    share.size += by;
    line.size += by;
  }

  #forgetEmpty({ client, source }: Flow): void {
    const share = this.#shares.get(client);
    if (share?.lines.get(source)?.items.length === 0) share.lines.delete(source);
    if (share?.lines.size === 0) this.#shares.delete(client);
  }
}

function getOrAdd<V>(map: Map<string, V>, key: string, create: () => V): V {
  const value = map.get(key) ?? create();
  map.set(key, value);
  return value;
}

function first<V>(map: ReadonlyMap<string, V> | undefined): [string, V] | undefined {
  return map?.entries().next().value;
}

function moveToEnd<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
}

function longest<V extends { readonly size: number }>(
  map: ReadonlyMap<string, V> | undefined,
): [string, V] | undefined {
  let found: [string, V] | undefined;
  for (const entry of map ?? []) if (found === undefined || entry[1].size > found[1].size) found = entry;
  return found;
}

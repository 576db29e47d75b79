/** The flow that an item belongs to. One client may serve many sources, and one source may use many clients. */
export interface Flow {
  readonly client: string;
  /** The end user's network address, as far as it is known. */
  readonly source: string;
  /** How long an item may wait, in milliseconds, if that is longer than the general deadline. */
  readonly minDeadlineMs?: number;
}

interface FairQueueItem {
  /** Whether it takes room and a turn. An item that does not leaves the queue when an item in its place would. */
  readonly counts: boolean;
}

/** The waiting items of one flow. */
interface Line<T> {
  readonly items: T[];
  size: number;
}

/** The flows of one client; the next one comes first. */
interface Share<T> {
  readonly lines: Map<string, Line<T>>;
  size: number;
}

/**
 * A bounded queue in which a long flow does not delay other flows. Clients take turns, and so do the sources of each
 * client; within a flow the order is first in, first out. So between two items of a client each other client has at
 * most one turn, and between two items of a source each other source of the same client has at most one.
 *
 * When the queue is full, the newest item of the longest flow of the client with the most items is pushed out for an
 * item of a client or source with fewer. So a single flow may fill the queue without keeping others out.
 */
export class FairQueue<T extends FairQueueItem> {
  /** The client whose turn is next comes first. */
  readonly #shares = new Map<string, Share<T>>();
  #size = 0;

  constructor(private readonly limit: number) {}

  /** Number of waiting items that count. */
  get size(): number {
    return this.#size;
  }

  get isEmpty(): boolean {
    return this.#shares.size === 0;
  }

  /** Number of flows with waiting items. */
  get flows(): number {
    let flows = 0;
    for (const { lines } of this.#shares.values()) flows += lines.size;
    return flows;
  }

  /** Whether an item that counts would be admitted, if necessary by pushing out another one. */
  hasRoom(flow: Flow): boolean {
    return this.#size < this.limit || this.#longerThan(flow) !== null;
  }

  /** @returns the items that were pushed out; `null`: there is no room, and nothing has changed */
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

  /** Removes an item from any position. */
  remove(flow: Flow, item: T): void {
    const share = this.#shares.get(flow.client);
    const line = share?.lines.get(flow.source);
    const place = line?.items.indexOf(item) ?? -1;
    if (share === undefined || line === undefined || place === -1) return;
    line.items.splice(place, 1);
    if (item.counts) this.#count(share, line, -1);
    this.#forgetEmpty(flow);
  }

  /** The flow that has to make room for another one: it has more items than the other one would have then. */
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

  /** Removes the newest item that counts and all newer ones, whose places would have been taken before. */
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

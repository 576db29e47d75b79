import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FairQueue, type Flow } from './fair-queue.js';

interface Item {
  readonly id: number;
  readonly flow: Flow;
  readonly counts: boolean;
}

const LIMIT = 8;

const flow = fc.record({ client: fc.constantFrom('a', 'b', 'c'), source: fc.constantFrom('1', '2', '3') });
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('push' as const), flow, counts: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('shift' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), at: fc.nat(40) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const sameFlow = (left: Flow, right: Flow) => left.client === right.client && left.source === right.source;
const ofFlow = (items: readonly Item[], wanted: Flow) => items.filter((item) => sameFlow(item.flow, wanted));
const sizeOf = (items: readonly Item[]) => items.filter(({ counts }) => counts).length;
const ofClient = (items: readonly Item[], client: string) =>
  items.filter((item) => item.flow.client === client);

/** Does the steps, and calls back with what waits before each of them, in the order in which it came. */
function play(
  steps: readonly Step[],
  check: {
    pushed?: (waiting: readonly Item[], item: Item, pushedOut: readonly Item[] | null) => void;
    shifted?: (waiting: readonly Item[], item: Item | undefined) => void;
    after?: (waiting: readonly Item[], queue: FairQueue<Item>) => void;
  },
): void {
  const queue = new FairQueue<Item>(LIMIT);
  let waiting: Item[] = [];
  for (const [id, each] of steps.entries()) {
    if (each.do === 'push') {
      const item = { id, flow: each.flow, counts: each.counts };
      const hadRoom = queue.hasRoom(item.flow);
      const pushedOut = queue.push(item.flow, item);
      expect(pushedOut !== null).toBe(hadRoom);
      check.pushed?.(waiting, item, pushedOut);
      if (pushedOut !== null) waiting = [...waiting.filter((other) => !pushedOut.includes(other)), item];
    } else if (each.do === 'shift') {
      const item = queue.shift();
      check.shifted?.(waiting, item);
      waiting = waiting.filter((other) => other !== item);
    } else {
      const item = waiting[each.at];
      if (item !== undefined) queue.remove(item.flow, item);
      waiting = waiting.filter((other) => other !== item);
    }
    check.after?.(waiting, queue);
  }
}

const steps = fc.array(step, { maxLength: 120 });

describe('A fair queue', () => {
  it('keeps what was pushed until it is taken, removed or pushed out, and no more than its limit of what counts', () => {
    fc.assert(
      fc.property(steps, (all) =>
        play(all, {
          after: (waiting, queue) => {
            expect(queue.size).toBe(sizeOf(waiting));
            expect(queue.size).toBeLessThanOrEqual(LIMIT);
            expect(queue.isEmpty).toBe(waiting.length === 0);
            const flows = new Set(waiting.map((item) => `${item.flow.client}${item.flow.source}`));
            expect(queue.flows).toBe(flows.size);
          },
        }),
      ),
    );
  });

  it('is first in, first out within a flow, and empty only when nothing waits', () => {
    fc.assert(
      fc.property(steps, (all) =>
        play(all, {
          shifted: (waiting, item) => {
            expect(item === undefined).toBe(waiting.length === 0);
            if (item !== undefined) expect(ofFlow(waiting, item.flow)[0]).toBe(item);
          },
        }),
      ),
    );
  });

  it('gives every other client one turn at most between two of a client, and so with the sources of a client', () => {
    fc.assert(
      fc.property(steps, (all) => {
        /** Turns that others have had since the client, or the source, began to wait or had one itself. */
        const since = new Map<string, Map<string, number>>();
        const turn = (of: string, others: readonly string[]) => {
          for (const other of others) {
            if (other === of) continue;
            const turns = since.get(other) ?? new Map<string, number>();
            turns.set(of, (turns.get(of) ?? 0) + 1);
            since.set(other, turns);
            expect(turns.get(of)).toBeLessThanOrEqual(1);
          }
          since.delete(of);
        };
        const clientsOf = (items: readonly Item[]) => [...new Set(items.map((item) => item.flow.client))];
        const sourcesOf = (items: readonly Item[]) => [
          ...new Set(items.map((item) => `${item.flow.client} ${item.flow.source}`)),
        ];
        play(all, {
          shifted: (waiting, item) => {
            if (item?.counts !== true) return;
            turn(item.flow.client, clientsOf(waiting));
            turn(`${item.flow.client} ${item.flow.source}`, sourcesOf(ofClient(waiting, item.flow.client)));
          },
          after: (waiting) => {
            const present = new Set([...clientsOf(waiting), ...sourcesOf(waiting)]);
            for (const each of since.keys()) if (!present.has(each)) since.delete(each);
          },
        });
      }),
    );
  });

  it('keeps nobody out who has less than another, and pushes out the newest of who has the most', () => {
    fc.assert(
      fc.property(steps, (all) =>
        play(all, {
          pushed: (waiting, item, pushedOut) => {
            if (sizeOf(waiting) < LIMIT) {
              expect(pushedOut).toEqual([]);
              return;
            }
            const own = sizeOf(ofClient(waiting, item.flow.client));
            const most = Math.max(...['a', 'b', 'c'].map((client) => sizeOf(ofClient(waiting, client))));
            const inFlow = sizeOf(ofFlow(waiting, item.flow));
            const mostInClient = Math.max(
              ...['1', '2', '3'].map((source) =>
                sizeOf(ofFlow(waiting, { client: item.flow.client, source })),
              ),
            );
            expect(pushedOut !== null).toBe(most > own + 1 || mostInClient > inFlow + 1);
            const [counting, ...others] = (pushedOut ?? []).filter(({ counts }) => counts);
            expect(others).toEqual([]);
            expect(counting !== undefined).toBe(pushedOut !== null && item.counts);
            if (counting === undefined || pushedOut === null) return;
            const flowOfIt = ofFlow(waiting, counting.flow);
            expect(flowOfIt.slice(flowOfIt.indexOf(counting))).toEqual(pushedOut);
            expect(sameFlow(counting.flow, item.flow)).toBe(false);
            expect(sizeOf(ofClient(waiting, counting.flow.client))).toBe(
              counting.flow.client === item.flow.client ? own : most,
            );
          },
        }),
      ),
    );
  });

  it('lets what does not count go just before what counts in its place would', () => {
    const queue = new FairQueue<Item>(LIMIT);
    const item = (id: number, source: string, counts: boolean): Item => ({
      id,
      flow: { client: 'a', source },
      counts,
    });
    const items = [
      item(1, '1', true),
      item(2, '1', false),
      item(3, '1', true),
      item(4, '2', false),
      item(5, '2', true),
    ];
    for (const each of items) queue.push(each.flow, each);
    const order = items.map(() => queue.shift()?.id);
    expect(order).toEqual([1, 4, 5, 2, 3]);
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import { CoherentCache } from './coherent-cache.js';

interface Thing {
  readonly id: string;
  readonly version: number;
}

/** A reading whose end the test decides. */
class Reading {
  readonly #reads: ((value: Thing | null) => void)[] = [];

  get count(): number {
    return this.#reads.length;
  }

  readonly read = (): Promise<Thing | null> => new Promise((resolve) => this.#reads.push(resolve));

  async end(index: number, value: Thing | null): Promise<void> {
    this.#reads[index]?.(value);
    await new Promise(setImmediate);
  }
}

describe('CoherentCache', () => {
  const hearing = { hears: true };
  let cache: CoherentCache<Thing>;
  let reading: Reading;

  const create = (maxEntries: number) =>
    new CoherentCache<Thing>(hearing, { name: 'things', maxEntries, identify: ({ id }) => id });
  const thing = (version: number, id = 'a'): Thing => ({ id, version });
  const stored = (value: Thing | null) => async () => value;
  const forbidden = (): never => {
    throw new Error('It should have been remembered');
  };

  beforeEach(() => {
    hearing.hears = true;
    cache = create(100);
    reading = new Reading();
  });

  it('reads once', async () => {
    expect(await cache.find('a', stored(thing(1)))).toEqual(thing(1));
    expect(await cache.find('a', forbidden)).toEqual(thing(1));
    expect(cache.requests).toEqual({ hit: 1, miss: 1, bypass: 0 });
  });

  it('reads once for all who ask at the same time', async () => {
    const all = [cache.find('a', reading.read), cache.find('a', reading.read)];
    await reading.end(0, thing(1));
    expect(await Promise.all(all)).toEqual([thing(1), thing(1)]);
    expect(reading.count).toBe(1);
  });

  it('recalls what it has read, and counts only that', async () => {
    expect(cache.recall('a')).toBeNull();
    await cache.find('a', stored(thing(1)));
    expect(cache.recall('a')).toEqual(thing(1));
    expect(cache.requests).toEqual({ hit: 1, miss: 1, bypass: 0 });
  });

  it('recalls nothing that was invalidated, nor while changes are not heard', async () => {
    await cache.find('a', stored(thing(1)));
    hearing.hears = false;
    expect(cache.recall('a')).toBeNull();
    hearing.hears = true;
    cache.invalidate('a');
    expect(cache.recall('a')).toBeNull();
  });

  it('keeps what was recalled over what nobody asks for', async () => {
    cache = create(2);
    await cache.find('a', stored(thing(1)));
    await cache.find('b', stored(thing(1, 'b')));
    cache.recall('a');
    await cache.find('c', stored(thing(1, 'c')));
    expect(cache.recall('a')).toEqual(thing(1));
    expect(cache.recall('b')).toBeNull();
  });

  it('does not look for long for one that nobody asks for', async () => {
    cache = create(1000);
    const names = Array.from({ length: 1000 }, (_, index) => `name-${index}`);
    for (const id of names) await cache.find(id, stored(thing(1, id)));
    for (const id of names) cache.recall(id);
    await cache.find('one more', stored(thing(1, 'one more')));
    const forgotten = names.findIndex((name) => cache.recall(name) === null);
    expect(forgotten).toBeLessThan(50);
    expect(cache.size).toBe(1000);
  });

  it('forgets what is invalidated, under each of its names, and nothing else', async () => {
    await cache.find('name of a', stored(thing(1)));
    await cache.find('other name of a', stored(thing(1)));
    await cache.find('b', stored(thing(1, 'b')));
    cache.invalidate('a');
    expect(await cache.find('name of a', stored(thing(2)))).toEqual(thing(2));
    expect(await cache.find('other name of a', stored(thing(2)))).toEqual(thing(2));
    expect(await cache.find('b', forbidden)).toEqual(thing(1, 'b'));
  });

  it.each([
    ['invalidated', () => cache.invalidate('a')],
    ['cleared', () => cache.clear()],
  ])('throws away a reading during which its value was %s', async (_, happen) => {
    const asked = cache.find('some name', reading.read);
    happen();
    await reading.end(0, thing(1));
    expect(reading.count).toBe(2);
    await reading.end(1, thing(2));
    expect(await asked).toEqual(thing(2));
    expect(await cache.find('some name', forbidden)).toEqual(thing(2));
  });

  it('lets nobody join a reading that began before something was invalidated', async () => {
    const before = cache.find('a', reading.read);
    cache.invalidate('a');
    const after = cache.find('a', reading.read);
    expect(reading.count).toBe(2);
    await reading.end(1, thing(2));
    expect(await after).toEqual(thing(2));
    await reading.end(0, thing(1));
    await reading.end(2, thing(2));
    expect(await before).toEqual(thing(2));
    expect(await cache.find('a', forbidden)).toEqual(thing(2));
  });

  it('answers in the end when a value changes all the time, and remembers none of it', async () => {
    const asked = cache.find('a', async () => {
      cache.invalidate('a');
      return thing(1);
    });
    expect(await asked).toEqual(thing(1));
    expect(cache.size).toBe(0);
  });

  it('does not remember that there is nothing', async () => {
    expect(await cache.find('a', stored(null))).toBeNull();
    expect(await cache.find('a', stored(thing(1)))).toEqual(thing(1));
  });

  it('remembers no failure', async () => {
    await expect(cache.find('a', () => Promise.reject(new Error('outage')))).rejects.toThrow('outage');
    expect(await cache.find('a', stored(thing(1)))).toEqual(thing(1));
  });

  it('is of no use while nothing is heard, neither to read nor to remember', async () => {
    await cache.find('a', stored(thing(1)));
    hearing.hears = false;
    expect(await cache.find('a', stored(thing(2)))).toEqual(thing(2));
    expect(await cache.find('b', stored(thing(1, 'b')))).toEqual(thing(1, 'b'));
    expect(cache.size).toBe(1);
    expect(cache.requests.bypass).toBe(2);
  });

  it('does not remember what was read while the hearing ended', async () => {
    const asked = cache.find('a', reading.read);
    hearing.hears = false;
    await reading.end(0, thing(1));
    expect(await asked).toEqual(thing(1));
    expect(cache.size).toBe(0);
  });

  it('holds no more than it may, and keeps what is asked for', async () => {
    cache = create(3);
    await cache.find('kept', stored(thing(1, 'kept')));
    for (let index = 0; index < 20; index++) {
      await cache.find('kept', forbidden);
      await cache.find(`name ${index}`, stored(thing(1, `id ${index}`)));
      expect(cache.size).toBeLessThanOrEqual(3);
    }
  });

  it('does not remember what it began to read while changes were not heard, nor lets others join it', async () => {
    const first = cache.find('a', reading.read);
    hearing.hears = false;
    cache.clear();
    // Its second reading begins in the dark, and the change comes after what that has seen.
    await reading.end(0, thing(1));
    hearing.hears = true;
    const other = cache.find('a', reading.read);
    expect(reading.count).toBe(3);
    await reading.end(1, thing(1));
    await reading.end(2, thing(2));
    expect(await Promise.all([first, other])).toEqual([thing(1), thing(2)]);
    expect(await cache.find('a', stored(thing(3)))).toEqual(thing(2));
  });
});

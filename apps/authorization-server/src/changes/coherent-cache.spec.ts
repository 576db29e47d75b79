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
  const changes = { inSync: true };
  let cache: CoherentCache<Thing>;
  let reading: Reading;

  const create = (maxEntries: number) => new CoherentCache<Thing>(changes, { name: 'things', maxEntries });
  const thing = (version: number, id = 'a'): Thing => ({ id, version });
  const stored = (value: Thing | null) => async () => value;
  const forbidden = (): never => {
    throw new Error('It should have been cached');
  };

  beforeEach(() => {
    changes.inSync = true;
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
    expect([await all[0], await all[1]]).toEqual([thing(1), thing(1)]);
    expect(reading.count).toBe(1);
  });

  it('knows what it has read, and counts only that', async () => {
    expect(cache.getCached('a')).toBeNull();
    await cache.find('a', stored(thing(1)));
    expect(cache.getCached('a')).toEqual(thing(1));
    expect(cache.requests).toEqual({ hit: 1, miss: 1, bypass: 0 });
  });

  it('knows nothing that was invalidated, nor while changes may be missed', async () => {
    await cache.find('a', stored(thing(1)));
    changes.inSync = false;
    expect(cache.getCached('a')).toBeNull();
    changes.inSync = true;
    cache.invalidate('a');
    expect(cache.getCached('a')).toBeNull();
  });

  it('keeps what was used last', async () => {
    cache = create(2);
    await cache.find('a', stored(thing(1)));
    await cache.find('b', stored(thing(1, 'b')));
    cache.getCached('a');
    await cache.find('c', stored(thing(1, 'c')));
    expect(cache.getCached('a')).toEqual(thing(1));
    expect(cache.getCached('b')).toBeNull();
  });

  it('answers at once what it has read', async () => {
    await cache.find('a', stored(thing(1)));
    expect(cache.find('a', forbidden)).toEqual(thing(1));
  });

  it('forgets what is invalidated, and nothing else', async () => {
    await cache.find('a', stored(thing(1)));
    await cache.find('b', stored(thing(1, 'b')));
    cache.invalidate('a');
    expect(await cache.find('a', stored(thing(2)))).toEqual(thing(2));
    expect(await cache.find('b', forbidden)).toEqual(thing(1, 'b'));
  });

  it.each([
    ['invalidated', () => cache.invalidate('a')],
    ['cleared', () => cache.clear()],
  ])('caches nothing of a reading during which its value was %s', async (_, happen) => {
    const asked = cache.find('a', reading.read);
    happen();
    await reading.end(0, thing(1));
    expect(await asked).toEqual(thing(1));
    expect(cache.size).toBe(0);
    expect(await cache.find('a', stored(thing(2)))).toEqual(thing(2));
  });

  it('lets no later look-up join a reading that began before something was invalidated', async () => {
    const before = cache.find('a', reading.read);
    cache.invalidate('a');
    const after = cache.find('a', reading.read);
    expect(reading.count).toBe(2);
    await reading.end(1, thing(2));
    expect(await after).toEqual(thing(2));
    await reading.end(0, thing(1));
    expect(await before).toEqual(thing(1));
    expect(await cache.find('a', forbidden)).toEqual(thing(2));
  });

  it('does not cache that there is nothing', async () => {
    expect(await cache.find('a', stored(null))).toBeNull();
    expect(await cache.find('a', stored(thing(1)))).toEqual(thing(1));
  });

  it('caches no failure', async () => {
    await expect(cache.find('a', () => Promise.reject(new Error('outage')))).rejects.toThrow('outage');
    expect(await cache.find('a', stored(thing(1)))).toEqual(thing(1));
  });

  it('is bypassed while changes may be missed', async () => {
    await cache.find('a', stored(thing(1)));
    changes.inSync = false;
    expect(await cache.find('a', stored(thing(2)))).toEqual(thing(2));
    expect(await cache.find('b', stored(thing(1, 'b')))).toEqual(thing(1, 'b'));
    expect(cache.size).toBe(1);
    expect(cache.requests.bypass).toBe(2);
  });

  it('does not cache what was read while changes began to be missed', async () => {
    const asked = cache.find('a', reading.read);
    changes.inSync = false;
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

  it('lets no later look-up join a reading during which changes may have been missed', async () => {
    const first = cache.find('a', reading.read);
    changes.inSync = false;
    cache.clear();
    changes.inSync = true;
    const other = cache.find('a', reading.read);
    expect(reading.count).toBe(2);
    await reading.end(0, thing(1));
    await reading.end(1, thing(2));
    expect(await Promise.all([first, other])).toEqual([thing(1), thing(2)]);
    expect(await cache.find('a', forbidden)).toEqual(thing(2));
  });
});

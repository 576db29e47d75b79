import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { AThrottle } from './a-throttle.spec-support.js';
import { byBucket, Places, without, type Place } from './places.js';

const LEASE_MS = 60_000;
const WINDOW_MS = 3_600_000;
const PERIOD = 30_000_000;
const BUCKET = Buffer.alloc(16, 1);

describe('Places', () => {
  let subject: AThrottle;
  let places: Places;

  const toPeriod = (period: number) => subject.setTime(period * LEASE_MS + 1);
  const take = (max = 100, key = BUCKET) => places.take(sql`${key}`, sql`(${places.pending} < ${max})`);
  const taken = async (): Promise<Place> => {
    const place = await take();
    if (place === null) throw new Error('There is no room');
    return place;
  };
  const release = (...given: Place[]) =>
    subject.database.execute(sql`UPDATE throttles SET ${without(given)} WHERE key = ${BUCKET}`);
  const pending = async (): Promise<number> => {
    const [row] = await subject.database.query<{ n: number }>(
      sql`SELECT ${places.pending} AS n FROM throttles WHERE key = ${BUCKET}`,
    );
    return row?.n ?? 0;
  };
  const row = async () => {
    const [found] = await subject.database.query(
      sql`SELECT pending, pending_before, lease, expires_at FROM throttles WHERE key = ${BUCKET}`,
    );
    return found;
  };

  beforeEach(async () => {
    subject = await AThrottle.create();
    places = new Places(subject.database, LEASE_MS, WINDOW_MS);
    toPeriod(PERIOD);
  });

  afterEach(() => subject.remove());

  it('are taken one after the other while there is room', async () => {
    expect(await take(2)).toEqual({ key: BUCKET, lease: PERIOD });
    expect(await take(2)).toEqual({ key: BUCKET, lease: PERIOD });
    expect(await take(2)).toBeNull();
    expect(await take(2, Buffer.alloc(16, 2))).not.toBeNull();
    expect(await pending()).toBe(2);
  });

  it('are free again once they are released', async () => {
    const place = await taken();
    const other = await taken();
    await release(place);
    expect(await pending()).toBe(1);
    await release(other);
    expect(await pending()).toBe(0);
    expect(await take(1)).not.toBeNull();
  });

  it('end with the period after the one in which they were taken', async () => {
    await taken();
    await taken();
    toPeriod(PERIOD + 1);
    expect(await pending()).toBe(2);
    expect(await take(2)).toBeNull();
    toPeriod(PERIOD + 2);
    expect(await pending()).toBe(0);
    expect(await take(1)).toEqual({ key: BUCKET, lease: PERIOD + 2 });
    expect(await pending()).toBe(1);
  });

  it('are counted by the period of their own', async () => {
    const before = await taken();
    await taken();
    toPeriod(PERIOD + 1);
    const now = await taken();
    expect(await row()).toMatchObject({ pending: 1, pending_before: 2, lease: PERIOD + 1 });
    await release(before);
    expect(await row()).toMatchObject({ pending: 1, pending_before: 1 });
    await release(now);
    expect(await row()).toMatchObject({ pending: 0, pending_before: 1 });
    toPeriod(PERIOD + 2);
    await taken();
    expect(await row()).toMatchObject({ pending: 1, pending_before: 0, lease: PERIOD + 2 });
    // Both have ended by themselves.
    await release(before, now);
    expect(await row()).toMatchObject({ pending: 1, pending_before: 0 });
  });

  it('of several periods are released together', async () => {
    const before = [await taken(), await taken()];
    toPeriod(PERIOD + 1);
    const now = [await taken(), await taken(), await taken()];
    await release(...before, ...now.slice(1));
    expect(await row()).toMatchObject({ pending: 1, pending_before: 0 });
  });

  it('are never fewer than none', async () => {
    const place = await taken();
    await release(place);
    await release(place, place);
    expect(await row()).toMatchObject({ pending: 0, pending_before: 0 });
    await taken();
    await release(place, place, place);
    expect(await pending()).toBe(0);
  });

  it('are not lost when the clock is set back', async () => {
    const ahead = await taken();
    toPeriod(PERIOD - 5);
    expect(await pending()).toBe(1);
    expect(await take(1)).toBeNull();
    expect(await take(2)).toEqual({ key: BUCKET, lease: PERIOD - 5 });
    expect(await row()).toMatchObject({ pending: 2, pending_before: 0, lease: PERIOD - 5 });
    // Its period is later than that of the bucket.
    await release(ahead);
    expect(await pending()).toBe(1);
  });

  it('say the period of a bucket, or the present one where it lies in the future', async () => {
    const lease = async () => {
      const [found] = await subject.database.query<{ n: number }>(
        sql`SELECT ${places.leaseUntilNow} AS n FROM throttles`,
      );
      return found?.n;
    };
    await taken();
    toPeriod(PERIOD + 3);
    expect(await lease()).toBe(PERIOD);
    toPeriod(PERIOD - 3);
    expect(await lease()).toBe(PERIOD - 3);
  });

  it('keep a bucket for the window, and that of a known source for its own time', async () => {
    await taken();
    expect(await row()).toMatchObject({ expires_at: PERIOD * LEASE_MS + 1 + WINDOW_MS });
    toPeriod(PERIOD + 1);
    await taken();
    const expiry = (PERIOD + 1) * LEASE_MS + 1 + WINDOW_MS;
    expect(await row()).toMatchObject({ expires_at: expiry });
    await subject.database.execute(sql`UPDATE throttles SET known = TRUE`);
    toPeriod(PERIOD + 2);
    await taken();
    expect(await row()).toMatchObject({ expires_at: expiry });
  });
});

it('groups attempts by bucket, in one order', () => {
  const attempts = [3, 1, 2, 1, 3].map((bucket, index) => ({
    index,
    place: { key: Buffer.alloc(16, bucket), lease: index },
  }));
  const indexes = (of: typeof attempts) => byBucket(of).map((group) => group.map(({ index }) => index));
  expect(indexes(attempts)).toEqual([[1, 3], [2], [0, 4]]);
  expect(indexes([...attempts].reverse())).toEqual([[3, 1], [2], [4, 0]]);
  expect(byBucket([])).toEqual([]);
});

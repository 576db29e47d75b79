import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database, Statement } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { AThrottle, FREE, from, stranger } from './a-throttle.spec-support.js';
import type { Reservation } from './login-reservation.js';
import type { LoginThrottle } from './login-throttle.js';
import { NoTurnError } from './login-turns.js';

const HOME = '203.0.113.1';

describe('LoginThrottle, while attempts are in flight,', () => {
  let subject: AThrottle;
  let throttle: LoginThrottle;
  let database: Database;

  const reserved: AThrottle['reserved'] = (name, source) => subject.reserved(name, source);
  const attemptsUntilDelayed: AThrottle['attemptsUntilDelayed'] = (name, source) =>
    subject.attemptsUntilDelayed(name, source);
  const pass = (seconds: number) => subject.pass(seconds);

  beforeEach(async () => {
    subject = await AThrottle.create();
    ({ throttle, database } = subject);
  });

  afterEach(() => subject.remove());

  const fill = () =>
    Promise.all(Array.from({ length: FREE }, (_, index) => reserved('alice', stranger(index))));

  it('lets the next one wait until one was right, which costs nothing', async () => {
    const [first] = await fill();
    const next = throttle.reserve('alice', from(HOME));
    expect(await Promise.race([next, first && throttle.settle(first).then(() => 'ended')])).toBe('ended');
    expect(await next).toMatchObject({ known: false });
    expect(await attemptsUntilDelayed('bob', stranger)).toBe(FREE);
  });

  it('gives the place of one that failed to nobody, so that no more are made than may fail', async () => {
    const inFlight = await fill();
    const waiting = Array.from({ length: 20 }, (_, index) => throttle.reserve('alice', stranger(index)));
    for (const reservation of inFlight) await throttle.fail(reservation);
    expect(await Promise.all(waiting)).toEqual(Array(20).fill('too many attempts'));
  });

  it('makes any number of right ones, a few at a time', async () => {
    let [inFlight, most] = [0, 0];
    let full: () => void = () => undefined;
    const untilFull = new Promise<void>((resolve) => (full = resolve));
    const login = async () => {
      const reservation = await reserved('alice', from(null));
      most = Math.max(most, ++inFlight);
      if (inFlight === FREE) full();
      // The first ones may be admitted one after the other, and wait for each other.
      await untilFull;
      await new Promise(setImmediate);
      inFlight--;
      await throttle.settle(reservation);
    };
    await Promise.all(Array.from({ length: 40 }, login));
    expect(most).toBe(FREE);
    expect(await attemptsUntilDelayed('alice', () => from(null))).toBe(FREE);
  });

  it('admits one at a time once a delay has passed', async () => {
    await attemptsUntilDelayed('alice', stranger);
    await pass(60);
    const first = await reserved('alice', stranger(0));
    const next = throttle.reserve('alice', stranger(1));
    await throttle.release(first);
    const second = await next;
    expect(second).toMatchObject({ known: false });
    const third = throttle.reserve('alice', stranger(2));
    if (typeof second === 'object') await throttle.fail(second);
    expect(await third).toBe('too many attempts');
  });

  it('is told of those that end at another server', async () => {
    const [first] = await fill();
    const elsewhere = subject.another().reserve('alice', from(HOME));
    if (first !== undefined) await throttle.release(first);
    expect(await elsewhere).toMatchObject({ known: false });
  });

  it('waits no longer than the deadline, and takes no place then', async () => {
    const inFlight = await fill();
    await expect(throttle.reserve('alice', from(HOME))).rejects.toThrow(NoTurnError);
    for (const reservation of inFlight) await throttle.release(reservation);
    expect(await fill()).toHaveLength(FREE);
  });

  it('waits where its source has a bucket of its own by now', async () => {
    const inFlight = await Promise.all(Array.from({ length: FREE }, () => reserved('alice', from(HOME))));
    const waiting = Array.from({ length: 2 * FREE }, () => reserved('alice', from(HOME)));
    if (inFlight[0] !== undefined) await throttle.settle(inFlight[0]);
    const admitted = await Promise.all(waiting.slice(0, FREE));
    for (const reservation of [...inFlight.slice(1), ...admitted]) await throttle.settle(reservation);
    expect(await Promise.all(waiting)).toHaveLength(2 * FREE);
  });

  it('frees the places of a server that died with the lease, and of no attempt before', async () => {
    await fill();
    await database.execute(sql`UPDATE throttles SET lease = lease - 1`);
    await expect(throttle.reserve('alice', from(HOME))).rejects.toThrow(NoTurnError);
    await database.execute(sql`UPDATE throttles SET lease = lease - 1`);
    expect(await fill()).toHaveLength(FREE);
  });

  it('counts a failure after the end of its lease all the same, and gives nobody else’s place away', async () => {
    const late = await fill();
    await database.execute(sql`UPDATE throttles SET lease = lease - 2`);
    const old = late.map((reservation) => ({
      ...reservation,
      place: { ...reservation.place, lease: reservation.place.lease - 2 },
    }));
    await reserved('alice', stranger(0));
    for (const reservation of old.slice(1)) await throttle.fail(reservation);
    const counts = await database.query(
      sql`SELECT attempts, pending, pending_before FROM throttles WHERE attempts > 0`,
    );
    expect(counts).toEqual([{ attempts: FREE - 1, pending: 1, pending_before: 0 }]);
  });

  it('ends several attempts with one statement, also of two leases', async () => {
    const [first, ...others] = await fill();
    await database.execute(sql`UPDATE throttles SET lease = lease - 1, pending_before = 1, pending = 2`);
    const place = first?.place;
    const moved = place && { ...place, lease: place.lease - 2 };
    const earlier = others.map(({ place: { lease } }) => lease - 1);
    expect(earlier).toHaveLength(2);
    const places = [moved, ...others.map((other) => ({ ...other.place, lease: other.place.lease - 1 }))];
    const attempts = places.flatMap((each) => (each ? [{ ...first, place: each } as Reservation] : []));
    const [reservation] = attempts;
    const failed = throttle.failed(reservation ?? null);
    await database.writeTogether(failed?.end(attempts) as [Statement]);
    const counts = await database.query(
      sql`SELECT attempts, pending, pending_before FROM throttles WHERE attempts > 0`,
    );
    expect(counts).toEqual([{ attempts: FREE, pending: 0, pending_before: 0 }]);
  });
});

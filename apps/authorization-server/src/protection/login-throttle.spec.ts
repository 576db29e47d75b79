import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openDatabase, type Database, type Step } from '@latchkey/platform';
import pino from 'pino';
import sql from 'sql-template-tag';
import { newDataKey } from '../data-keys/data-key.js';
import type { DataKeysService } from '../data-keys/data-keys.service.js';
import { KeyRing } from '../data-keys/key-ring.js';
import { authorizationServerSchema } from '../database/schema.js';
import type { LoginSource } from './login-source.js';
import { LoginThrottle, type Reservation } from './login-throttle.js';
import { NoTurnError } from './login-turns.js';
import { SqlThrottleRepository } from './sql-throttle-repository.js';

const FREE = 3;
const SETTINGS = { freeAttempts: FREE, baseDelay: 60, maxDelay: 900, window: 3600 };

const LEASE_MS = 60_000;
const DEADLINE_MS = 2000;

const HOME = '203.0.113.1';
const from = (address: string | null, device: string | null = null): LoginSource => ({ address, device });

/** The keys of a server, without what wraps them. */
const keys = {
  digest: (use: string, value: string) => createHmac('sha256', use).update(value).digest('base64url'),
  ring: new KeyRing([newDataKey('digest', 'active')]),
} as unknown as DataKeysService;

describe('LoginThrottle', () => {
  let folder: string;
  let database: Database;
  let throttle: LoginThrottle;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-throttle-'));
    const url = { dialect: 'sqlite', path: join(folder, 'a.sqlite') } as const;
    database = await openDatabase(url, authorizationServerSchema, pino({ level: 'silent' }));
    throttle = createThrottle();
  });

  afterEach(async () => {
    await database.close();
    rmSync(folder, { recursive: true });
  });

  /** Of another server too, where there are several. */
  const createThrottle = () => {
    const repository = new SqlThrottleRepository(database, SETTINGS, LEASE_MS);
    return new LoginThrottle(database, repository, keys, SETTINGS, DEADLINE_MS);
  };

  /** An attempt that fails, if it is admitted. */
  const isAdmitted = async (name: string, source: LoginSource): Promise<boolean> => {
    const reservation = await throttle.reserve(name, source);
    if (reservation !== null) await throttle.fail(reservation);
    return reservation !== null;
  };

  const reserved = async (name: string, source: LoginSource): Promise<Reservation> => {
    const reservation = await throttle.reserve(name, source);
    if (reservation === null) throw new Error('The attempt must wait');
    return reservation;
  };

  const logIn = async (name: string, source: LoginSource): Promise<Reservation> => {
    const reservation = await reserved(name, source);
    await throttle.settle(reservation);
    return reservation;
  };

  /** Fails until an attempt must wait. */
  const attemptsUntilDelayed = async (name: string, source: (attempt: number) => LoginSource) => {
    let attempts = 0;
    while (attempts < 20 && (await isAdmitted(name, source(attempts)))) attempts++;
    return attempts;
  };

  const stranger = (attempt: number): LoginSource => from(`198.51.100.${attempt + 1}`);

  const pass = (seconds: number) =>
    database.execute(sql`UPDATE throttles SET last_at = last_at - ${seconds * 1000}`);

  it('counts all who have not logged in to an account before in one budget, whatever their addresses', async () => {
    expect(await attemptsUntilDelayed('alice', stranger)).toBe(FREE);
    expect(await isAdmitted('alice', from('192.0.2.77'))).toBe(false);
  });

  it('counts each account by itself, and names that nobody has like any other', async () => {
    expect(await attemptsUntilDelayed('alice', stranger)).toBe(FREE);
    expect(await attemptsUntilDelayed('nobody', stranger)).toBe(FREE);
  });

  it('makes each further attempt wait twice as long as the one before', async () => {
    await attemptsUntilDelayed('alice', stranger);
    for (const delay of [60, 120, 240, 480, 900, 900]) {
      await pass(delay - 1);
      expect(await isAdmitted('alice', from(HOME))).toBe(false);
      await pass(1);
      expect(await isAdmitted('alice', from(HOME))).toBe(true);
    }
  });

  it('forgets everything after the window', async () => {
    await attemptsUntilDelayed('alice', stranger);
    await pass(SETTINGS.window);
    expect(await attemptsUntilDelayed('alice', stranger)).toBe(FREE);
  });

  describe('for an address that has logged in to the account', () => {
    beforeEach(async () => {
      await logIn('alice', from(HOME));
    });

    it('has a budget that strangers cannot use up', async () => {
      expect(await attemptsUntilDelayed('alice', stranger)).toBe(FREE);
      expect(await attemptsUntilDelayed('alice', () => from(HOME))).toBe(FREE);
    });

    it('does not take a stranger for it on another account', async () => {
      await attemptsUntilDelayed('bob', stranger);
      expect(await isAdmitted('bob', from(HOME))).toBe(false);
    });

    it('forgets its failures at a login', async () => {
      await isAdmitted('alice', from(HOME));
      await isAdmitted('alice', from(HOME));
      await logIn('alice', from(HOME));
      expect(await attemptsUntilDelayed('alice', () => from(HOME))).toBe(FREE);
    });

    it('knows it no longer after 90 days', async () => {
      await attemptsUntilDelayed('alice', stranger);
      const days = 90 * 86_400_000;
      await database.execute(sql`UPDATE throttles SET expires_at = expires_at - ${days} WHERE known`);
      expect(await isAdmitted('alice', from(HOME))).toBe(false);
    });
  });

  it('takes the addresses of one IPv6 network for one source', async () => {
    await logIn('alice', from('2001:db8:1:2::1'));
    await attemptsUntilDelayed('alice', stranger);
    expect(await isAdmitted('alice', from('2001:db8:1:2:ffff::9'))).toBe(true);
    expect(await isAdmitted('alice', from('2001:db8:1:3::1'))).toBe(false);
  });

  it('takes back only the attempt that succeeded, not what others failed at', async () => {
    await isAdmitted('alice', from('198.51.100.1'));
    await isAdmitted('alice', from('198.51.100.2'));
    await logIn('alice', from(HOME));
    expect(await attemptsUntilDelayed('alice', stranger)).toBe(1);
  });

  it('takes back an attempt that was never judged', async () => {
    for (let index = 0; index < FREE; index++) await throttle.release(await reserved('alice', from(HOME)));
    expect(await attemptsUntilDelayed('alice', stranger)).toBe(FREE);
  });

  describe('while attempts are in flight', () => {
    const fill = () =>
      Promise.all(Array.from({ length: FREE }, (_, index) => reserved('alice', stranger(index))));

    it('lets the next one wait until one was right, which costs nothing', async () => {
      const [first] = await fill();
      const next = throttle.reserve('alice', from(HOME));
      expect(await Promise.race([next, first && throttle.settle(first).then(() => 'ended')])).toBe('ended');
      expect(await next).not.toBeNull();
      expect(await attemptsUntilDelayed('bob', stranger)).toBe(FREE);
    });

    it('gives the place of one that failed to nobody, so that no more are made than may fail', async () => {
      const inFlight = await fill();
      const waiting = Array.from({ length: 20 }, (_, index) => throttle.reserve('alice', stranger(index)));
      for (const reservation of inFlight) await throttle.fail(reservation);
      expect(await Promise.all(waiting)).toEqual(Array(20).fill(null));
    });

    it('makes any number of right ones, a few at a time', async () => {
      let [inFlight, most] = [0, 0];
      const login = async () => {
        const reservation = await reserved('alice', from(null));
        most = Math.max(most, ++inFlight);
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
      expect(second).not.toBeNull();
      const third = throttle.reserve('alice', stranger(2));
      if (second !== null) await throttle.fail(second);
      expect(await third).toBeNull();
    });

    it('hears of those that end at another server', async () => {
      const [first] = await fill();
      const elsewhere = createThrottle().reserve('alice', from(HOME));
      if (first !== undefined) await throttle.release(first);
      expect(await elsewhere).not.toBeNull();
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
      const counts = await database.query(sql`SELECT attempts, pending, pending_before FROM throttles`);
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
      await database.writeTogether(() => failed?.end(attempts) as [Step<void>]);
      const counts = await database.query(sql`SELECT attempts, pending, pending_before FROM throttles`);
      expect(counts).toEqual([{ attempts: FREE, pending: 0, pending_before: 0 }]);
    });
  });

  describe('for a device that has logged in to the account', () => {
    it('has a budget that strangers cannot use up', async () => {
      const device = throttle.deviceValue(await logIn('alice', from(null)));
      await attemptsUntilDelayed('alice', stranger);
      await attemptsUntilDelayed('alice', () => from(null));
      expect(await attemptsUntilDelayed('alice', () => from(null, device))).toBe(FREE);
      expect(await isAdmitted('alice', from(HOME, device))).toBe(false);
    });

    it('is not taken in by one that belongs to another account, or was made up', async () => {
      const others = throttle.deviceValue(await logIn('bob', from(null)));
      await attemptsUntilDelayed('alice', stranger);
      for (const device of [others, `${others.slice(0, -2)}AA`, 'lkd_', 'anything']) {
        expect(await isAdmitted('alice', from(HOME, device))).toBe(false);
      }
    });

    it('does not become known by its address', async () => {
      const device = throttle.deviceValue(await logIn('alice', from(null)));
      await logIn('alice', from(null, device));
      await attemptsUntilDelayed('alice', stranger);
      expect(await isAdmitted('alice', from(HOME))).toBe(false);
    });
  });

  describe('where nobody knows the address', () => {
    const nowhere = from(null);

    it('counts apart from those whose address is known', async () => {
      await attemptsUntilDelayed('alice', stranger);
      expect(await attemptsUntilDelayed('alice', () => nowhere)).toBe(FREE);
    });

    it('never makes anybody wait longer than ten seconds, or anybody could lock the owner out', async () => {
      await attemptsUntilDelayed('alice', () => nowhere);
      for (let attempt = 0; attempt < 8; attempt++) {
        await pass(9);
        expect(await isAdmitted('alice', nowhere)).toBe(false);
        await pass(1);
        expect(await isAdmitted('alice', nowhere)).toBe(true);
      }
    });

    it('keeps what others failed at when somebody logs in', async () => {
      await isAdmitted('alice', nowhere);
      await isAdmitted('alice', nowhere);
      await logIn('alice', nowhere);
      expect(await attemptsUntilDelayed('alice', () => nowhere)).toBe(1);
    });
  });

  it.each([
    ['strangers, and of the given address', HOME],
    ['strangers', null],
  ])('forgets the failures of %s', async (_who, address) => {
    await logIn('alice', from(HOME));
    for (const source of [stranger, () => from(null), () => from(HOME)]) {
      await attemptsUntilDelayed('alice', source);
    }
    await database.write(() => throttle.forget('alice', address));
    expect(await isAdmitted('alice', from('192.0.2.77'))).toBe(true);
    expect(await isAdmitted('alice', from(null))).toBe(true);
    expect(await isAdmitted('alice', from(HOME))).toBe(address !== null);
  });
});

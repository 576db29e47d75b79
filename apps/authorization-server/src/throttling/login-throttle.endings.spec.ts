import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Statement, StorageUnavailableError } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { AThrottle, FREE, from, stranger } from './a-throttle.spec-support.js';
import type { Reservation } from './login-reservation.js';
import type { LoginThrottle } from './login-throttle.js';
import { NoTurnError } from './login-turns.js';

const HOME = '203.0.113.1';
const ACCOUNTS = 2;

describe('LoginThrottle, when attempts end,', () => {
  let subject: AThrottle;
  let throttle: LoginThrottle;

  beforeEach(async () => {
    subject = await AThrottle.create(ACCOUNTS);
    ({ throttle } = subject);
  });

  afterEach(() => subject.remove());

  const store = (statements: readonly Statement[]) =>
    subject.database.writeTogether(statements as [Statement]);
  const pass = (reservation: Reservation) => store(throttle.passed(reservation));
  const failTogether = (reservation: Reservation) =>
    store(throttle.failed(reservation)?.end([reservation]) ?? []);
  const placesTaken = () =>
    subject.database.query(sql`SELECT pending FROM throttles WHERE pending + pending_before <> 0`);

  const ways = [
    ['were right', (reservation: Reservation) => throttle.settle(reservation), { known: false }],
    ['were wrong', (reservation: Reservation) => throttle.fail(reservation), null],
    ['were wrong, and are stored with others', failTogether, null],
    ['were not checked', (reservation: Reservation) => throttle.release(reservation), { known: false }],
    ['go on with a second factor', pass, { known: false }],
  ] as const;

  describe('lets the next one ask at once', () => {
    // The period after which it asks anyway never passes, so only the end of another attempt can give it a turn.
    beforeEach(
      () => void jest.useFakeTimers({ doNotFake: ['performance', 'Date', 'setImmediate', 'nextTick'] }),
    );
    afterEach(() => void jest.useRealTimers());

    /** Until a refused attempt has the timers of its period and of its deadline. */
    const untilOneWaits = async () => {
      while (jest.getTimerCount() < 2) await new Promise((resolve) => setImmediate(resolve));
    };

    it.each(ways)('at the account, where they %s', async (_how, end, admitted) => {
      const inFlight = await Promise.all(
        Array.from({ length: FREE }, (_, index) => subject.reserved('alice', stranger(index))),
      );
      const next = throttle.reserve('alice', from(HOME));
      await untilOneWaits();
      for (const reservation of inFlight) await end(reservation);
      expect(await next).toEqual(admitted === null ? 'too many attempts' : expect.objectContaining(admitted));
    });

    it.each(ways)('at another account of the source, where they %s', async (_how, end, admitted) => {
      const inFlight = [
        await subject.reserved('user-0', from(HOME)),
        await subject.reserved('user-1', from(HOME)),
      ];
      const next = throttle.reserve('user-2', from(HOME));
      await untilOneWaits();
      for (const reservation of inFlight) await end(reservation);
      expect(await next).toEqual(admitted === null ? 'too many accounts' : expect.objectContaining(admitted));
    });

    it('of a known source, which has a bucket of its own', async () => {
      await subject.logIn('alice', from(HOME));
      const [first] = await Promise.all(
        Array.from({ length: FREE }, () => subject.reserved('alice', from(HOME))),
      );
      const next = throttle.reserve('alice', from(HOME));
      await untilOneWaits();
      if (first !== undefined) await throttle.settle(first);
      expect(await next).toMatchObject({ known: true, budget: null });
    });
  });

  it('has all places back, however they end', async () => {
    for (const [index, [, end]] of ways.entries()) {
      await subject.logIn(`owner-${index}`, from(HOME));
      await end(await subject.reserved(`owner-${index}`, from(HOME)));
      await end(await subject.reserved('alice', from(`192.0.2.${index + 1}`)));
      await end(await subject.reserved(`nowhere-${index}`, from(null)));
    }
    expect(await placesTaken()).toEqual([]);
  });

  it('has the place at the account back where the source has failed at too many others', async () => {
    for (const name of ['user-0', 'user-1']) await subject.isAdmitted(name, from(HOME));
    expect(await throttle.reserve('alice', from(HOME))).toBe('too many accounts');
    expect(await placesTaken()).toEqual([]);
  });

  it('has the place at the account back where the source gets none before the deadline', async () => {
    const inFlight = [
      await subject.reserved('user-0', from(HOME)),
      await subject.reserved('user-1', from(HOME)),
    ];
    await expect(subject.another(ACCOUNTS, 0).reserve('alice', from(HOME))).rejects.toThrow(NoTurnError);
    for (const reservation of inFlight) await throttle.release(reservation);
    expect(await placesTaken()).toEqual([]);
  });

  it('leaves a place to the end of its lease where the database, which would release it, is out', async () => {
    const outage = new StorageUnavailableError('no answer');
    const reservation = await subject.reserved('alice', from(null));
    const step = throttle.releaseOnFailure(reservation, () => Promise.reject(outage));
    await expect(step).rejects.toBe(outage);
    expect(await placesTaken()).toEqual([{ pending: 1 }]);
  });

  it('has nothing to store for a failure without an attempt', () => {
    expect(throttle.failed(null)).toBeNull();
  });

  describe('with a password that was right and a second factor that follows,', () => {
    it('keeps the source unknown, and the failures of others', async () => {
      await subject.isAdmitted('alice', stranger(0));
      await subject.isAdmitted('alice', stranger(1));
      await pass(await subject.reserved('alice', from(HOME)));
      expect(await subject.attemptsUntilDelayed('alice', stranger)).toBe(1);
      expect(await subject.isAdmitted('alice', from(HOME))).toBe(false);
    });

    it('gives the account back to the budget of the source', async () => {
      await subject.isAdmitted('alice', from(HOME));
      await pass(await subject.reserved('alice', from(HOME)));
      expect(await subject.isAdmitted('bob', from(HOME))).toBe(true);
      expect(await subject.isAdmitted('carol', from(HOME))).toBe(true);
      expect(await throttle.reserve('dave', from(HOME))).toBe('too many accounts');
    });
  });

  it('resets the failures of a device, and knows its address from then on', async () => {
    const device = throttle.deviceValue(await subject.logIn('alice', from(null)));
    const source = from(HOME, device);
    for (let time = 0; time < 2; time++) await subject.isAdmitted('alice', source);
    await subject.logIn('alice', source);
    expect(await subject.attemptsUntilDelayed('alice', () => source)).toBe(FREE);
    expect(await subject.attemptsUntilDelayed('alice', stranger)).toBe(FREE);
    expect(await subject.isAdmitted('alice', from(HOME))).toBe(true);
  });
});

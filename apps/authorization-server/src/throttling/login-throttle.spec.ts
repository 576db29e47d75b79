import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { AThrottle, FREE, from, SETTINGS, stranger } from './a-throttle.spec-support.js';
import type { LoginThrottle } from './login-throttle.js';

const HOME = '203.0.113.1';

describe('LoginThrottle', () => {
  let subject: AThrottle;
  let throttle: LoginThrottle;
  let database: Database;

  const isAdmitted: AThrottle['isAdmitted'] = (name, source) => subject.isAdmitted(name, source);
  const logIn: AThrottle['logIn'] = (name, source) => subject.logIn(name, source);
  const attemptsUntilDelayed: AThrottle['attemptsUntilDelayed'] = (name, source) =>
    subject.attemptsUntilDelayed(name, source);
  const pass = (seconds: number) => subject.pass(seconds);

  beforeEach(async () => {
    subject = await AThrottle.create();
    ({ throttle, database } = subject);
  });

  afterEach(() => subject.remove());

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
    for (let index = 0; index < FREE; index++)
      await throttle.release(await subject.reserved('alice', from(HOME)));
    expect(await attemptsUntilDelayed('alice', stranger)).toBe(FREE);
  });

  it('takes back an attempt whose next step failed', async () => {
    const failure = new Error('no such column');
    for (let index = 0; index < FREE; index++) {
      const reservation = await subject.reserved('alice', from(HOME));
      expect(await throttle.releaseOnFailure(reservation, () => Promise.resolve(index))).toBe(index);
      await expect(throttle.releaseOnFailure(reservation, () => Promise.reject(failure))).rejects.toBe(
        failure,
      );
    }
    expect(await attemptsUntilDelayed('alice', stranger)).toBe(FREE);
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
});

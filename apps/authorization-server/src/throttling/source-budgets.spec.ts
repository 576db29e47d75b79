import { afterEach, describe, expect, it } from '@jest/globals';
import type { IndependentStatements } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { AThrottle, from } from './a-throttle.spec-support.js';
import { ACCOUNT_REFILL_S } from './throttle-settings.js';

const ACCOUNTS = 4;
const ATTACKER = '203.0.113.66';

describe('The budget of a source', () => {
  let subject: AThrottle;

  afterEach(() => subject.remove());

  const outcomeOf = async (
    name: string,
    source = from(ATTACKER),
    throttle = subject.throttle,
  ): Promise<string> => {
    const reservation = await throttle.reserve(name, source);
    if (typeof reservation === 'string') return reservation;
    await throttle.fail(reservation);
    return 'failed';
  };

  /** Fails at as many accounts as the source may. */
  const spend = async (): Promise<void> => {
    for (let index = 0; index < ACCOUNTS; index++) expect(await outcomeOf(`user-${index}`)).toBe('failed');
  };

  it('is so many accounts, at which it may go on failing, and nothing at the next one', async () => {
    subject = await AThrottle.create(ACCOUNTS);
    await spend();
    expect(await outcomeOf('user-0')).toBe('failed');
    expect(await outcomeOf('user-0')).toBe('failed');
    expect(await outcomeOf('user-0')).toBe('too many attempts');
    expect(await outcomeOf('another')).toBe('too many accounts');
    expect(await outcomeOf('another', from('203.0.113.67'))).toBe('failed');
    expect(await subject.delays.of('another')).toEqual([]);
  });

  it('counts every account of failures that are stored together, and gives all their places back', async () => {
    subject = await AThrottle.create(ACCOUNTS);
    const names = ['user-0', 'user-0', 'user-1', 'user-2'];
    const reserved = await Promise.all(names.map((name) => subject.reserved(name, from(ATTACKER))));
    const failed = subject.throttle.failed(reserved[0] ?? null);
    await subject.database.writeTogether(failed?.end(reserved) as unknown as IndependentStatements<void>);
    expect(await outcomeOf('user-3')).toBe('failed');
    expect(await outcomeOf('user-4')).toBe('too many accounts');
    const buckets = await subject.database.query<{ pending: number }>(sql`SELECT pending FROM throttles`);
    expect(buckets.filter(({ pending }) => pending !== 0)).toEqual([]);
  });

  it('holds for a /64 of IPv6, at all servers, and does not exist where nobody knows the address', async () => {
    subject = await AThrottle.create(ACCOUNTS);
    const others = subject.another(ACCOUNTS);
    for (let index = 0; index < ACCOUNTS; index++) {
      await outcomeOf(
        `user-${index}`,
        from(`2001:db8:0:1::${index}`),
        index % 2 === 0 ? others : subject.throttle,
      );
    }
    expect(await outcomeOf('another', from('2001:db8:0:1:ffff::1'), others)).toBe('too many accounts');
    expect(await outcomeOf('another', from('2001:db8:0:2::1'))).toBe('failed');
    for (let index = 0; index < 3 * ACCOUNTS; index++)
      expect(await outcomeOf(`name-${index}`, from(null))).toBe('failed');
  });

  it('is not exceeded by attempts at the same time, which wait for those before them', async () => {
    subject = await AThrottle.create(ACCOUNTS);
    const outcomes = await Promise.all(Array.from({ length: 30 }, (_, index) => outcomeOf(`user-${index}`)));
    expect(outcomes.filter((outcome) => outcome === 'failed')).toHaveLength(ACCOUNTS);
    expect(outcomes.filter((outcome) => outcome === 'too many accounts')).toHaveLength(30 - ACCOUNTS);
  });

  it('costs right passwords nothing, and gives back the account whose password was wrong before', async () => {
    subject = await AThrottle.create(ACCOUNTS);
    for (let index = 0; index < 3 * ACCOUNTS; index++) await subject.logIn(`owner-${index}`, from(ATTACKER));
    await spend();
    await subject.logIn('user-0', from(ATTACKER));
    expect(await outcomeOf('another')).toBe('failed');
    expect(await outcomeOf('and another')).toBe('too many accounts');
    // Nothing is given back twice, nor for an account that was not counted.
    await subject.logIn('user-0', from(ATTACKER));
    await subject.logIn('owner-0', from(ATTACKER));
    expect(await outcomeOf('and another')).toBe('too many accounts');
  });

  it('is not what known sources of an account use, nor what they refill', async () => {
    subject = await AThrottle.create(ACCOUNTS);
    const login = await subject.logIn('alice', from('198.51.100.7'));
    const device = subject.throttle.deviceValue(login);
    await subject.logIn('bob', from(ATTACKER));
    await spend();
    await subject.logIn('alice', from(ATTACKER, device));
    expect(await outcomeOf('bob')).toBe('failed');
    await subject.logIn('bob', from(ATTACKER));
    expect(await outcomeOf('carol')).toBe('too many accounts');
  });

  it('is refilled evenly, and whole again after its time', async () => {
    subject = await AThrottle.create(ACCOUNTS);
    await spend();
    await subject.pass(ACCOUNT_REFILL_S / ACCOUNTS - 1);
    expect(await outcomeOf('a')).toBe('too many accounts');
    await subject.pass(1);
    expect(await outcomeOf('a')).toBe('failed');
    expect(await outcomeOf('b')).toBe('too many accounts');
    await subject.pass(10 * ACCOUNT_REFILL_S);
    for (let index = 0; index < ACCOUNTS; index++) expect(await outcomeOf(`later-${index}`)).toBe('failed');
    expect(await outcomeOf('b')).toBe('too many accounts');
  });

  it('counts a time in the future as now', async () => {
    subject = await AThrottle.create(ACCOUNTS);
    await spend();
    await subject.database.execute(
      sql`UPDATE throttles SET last_at = last_at + 1000000000000, lease = lease + 1000000`,
    );
    expect(await outcomeOf('a')).toBe('failed');
    await subject.pass(0);
    for (let index = 1; index < ACCOUNTS; index++) expect(await outcomeOf(`later-${index}`)).toBe('failed');
    expect(await outcomeOf('b')).toBe('too many accounts');
  });

  it('is given back by an administrator who names the address', async () => {
    subject = await AThrottle.create(ACCOUNTS);
    await spend();
    await subject.database.transaction((tx) => subject.delays.forget(tx, 'user-0', null));
    expect(await outcomeOf('a')).toBe('too many accounts');
    await subject.database.transaction((tx) => subject.delays.forget(tx, 'user-0', ATTACKER));
    expect(await outcomeOf('a')).toBe('failed');
  });

  it('is not used by attempts that nobody judged', async () => {
    subject = await AThrottle.create(ACCOUNTS);
    for (let index = 0; index < 2 * ACCOUNTS; index++) {
      await subject.throttle.release(await subject.reserved(`user-${index}`, from(ATTACKER)));
    }
    await spend();
  });

  it('lets 2,000 people in whom nobody knows yet, in ten minutes, though 5 % mistype a name or a password first', async () => {
    subject = await AThrottle.create(50);
    const people = 2000;
    const begin = Date.now();
    const attempts: { at: number; name: string; right: boolean }[] = [];
    for (let person = 0; person < people; person++) {
      // In an order that has nothing to do with who mistypes.
      const at = (((person * 7919) % people) / people) * 600_000;
      if (person % 20 === 0) {
        const name = person % 40 === 0 ? `person-${person}` : `preson-${person}`;
        attempts.push({ at, name, right: false });
      }
      attempts.push({ at: at + (person % 20 === 0 ? 20_000 : 0), name: `person-${person}`, right: true });
    }
    const refused: string[] = [];
    for (const { at, name, right } of attempts.sort((left, right) => left.at - right.at)) {
      subject.setTime(begin + Math.floor(at));
      const reservation = await subject.throttle.reserve(name, from('198.51.100.7'));
      if (typeof reservation === 'string') refused.push(`${name} after ${at} ms`);
      else if (right) await subject.throttle.settle(reservation);
      else await subject.throttle.fail(reservation);
    }
    expect(refused).toEqual([]);
  }, 60_000);
});

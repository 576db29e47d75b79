import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { AThrottle, FREE, from, stranger } from './a-throttle.spec-support.js';
import type { LoginSource } from './login-source.js';
import type { LoginThrottle } from './login-throttle.js';
import type { ThrottledFactor } from './throttle-keys.js';

const HOME = '203.0.113.1';
const ACCOUNTS = 5;
const TOTP = 'otp';
const RECOVERY = 'recovery-code';

describe('LoginThrottle, for second factors,', () => {
  let subject: AThrottle;
  let throttle: LoginThrottle;

  beforeEach(async () => {
    subject = await AThrottle.create(ACCOUNTS);
    ({ throttle } = subject);
  });

  afterEach(() => subject.remove());

  const reserved = (factor: ThrottledFactor, source: LoginSource) =>
    subject.reserved('alice', source, factor);
  const show = async (factor: ThrottledFactor, source: LoginSource) =>
    throttle.settle(await reserved(factor, source));
  const outcomeOf = async (factor: ThrottledFactor, source: LoginSource, name = 'alice') => {
    const reservation = await throttle.reserve(name, source, factor);
    if (typeof reservation === 'string') return reservation;
    await throttle.fail(reservation);
    return 'failed';
  };
  /** Fails until strangers must wait. */
  const exhaust = async (factor: ThrottledFactor) => {
    for (let attempt = 0; attempt < FREE; attempt++)
      expect(await outcomeOf(factor, stranger(attempt))).toBe('failed');
    expect(await outcomeOf(factor, stranger(FREE))).toBe('too many attempts');
  };

  it('counts each factor by itself, and apart from passwords', async () => {
    await exhaust(TOTP);
    await exhaust(RECOVERY);
    expect(await outcomeOf(TOTP, stranger(0), 'bob')).toBe('failed');
    expect(await subject.attemptsUntilDelayed('alice', stranger)).toBe(FREE);
  });

  it('knows an address for the factor and for passwords after the factor was shown, and for no other factor', async () => {
    await show(TOTP, from(HOME));
    await exhaust(TOTP);
    await exhaust(RECOVERY);
    await subject.attemptsUntilDelayed('alice', stranger);
    expect(await outcomeOf(TOTP, from(HOME))).toBe('failed');
    expect(await outcomeOf(RECOVERY, from(HOME))).toBe('too many attempts');
    expect(await subject.isAdmitted('alice', from(HOME))).toBe(true);
  });

  it('does not know an address for a factor because it is known for passwords', async () => {
    await subject.logIn('alice', from(HOME));
    await exhaust(TOTP);
    expect(await outcomeOf(TOTP, from(HOME))).toBe('too many attempts');
  });

  it('renews what it knows for passwords each time the factor is shown', async () => {
    await show(TOTP, from(HOME));
    const { loginSourceKey, ...reservation } = await reserved(TOTP, from(HOME));
    expect(reservation.known).toBe(true);
    await subject.database.execute(sql`UPDATE throttles SET expires_at = 0 WHERE key = ${loginSourceKey}`);
    await throttle.settle({ loginSourceKey, ...reservation });
    await subject.attemptsUntilDelayed('alice', stranger);
    expect(await subject.isAdmitted('alice', from(HOME))).toBe(true);
  });

  it('forgets the failures of a known address at the factor once it is shown', async () => {
    await show(TOTP, from(HOME));
    for (let time = 0; time < FREE; time++) {
      await outcomeOf(TOTP, from(HOME));
      await outcomeOf(TOTP, from(HOME));
      await show(TOTP, from(HOME));
    }
    expect(await outcomeOf(TOTP, from(HOME))).toBe('failed');
  });

  it('has a budget for a device of the account at each factor', async () => {
    const device = throttle.deviceValue(await subject.logIn('alice', from(null)));
    await exhaust(TOTP);
    for (const factor of [TOTP, RECOVERY] as const) {
      const source = from(HOME, device);
      for (let attempt = 0; attempt < FREE; attempt++) expect(await outcomeOf(factor, source)).toBe('failed');
      expect(await outcomeOf(factor, source)).toBe('too many attempts');
    }
  });

  it('knows no source where the address is unknown', async () => {
    await show(TOTP, from(null));
    for (let attempt = 0; attempt < FREE; attempt++) expect(await outcomeOf(TOTP, from(null))).toBe('failed');
    expect(await outcomeOf(TOTP, from(null))).toBe('too many attempts');
    expect(await subject.database.query(sql`SELECT key FROM throttles WHERE known`)).toEqual([]);
  });

  it('counts the accounts at which a source fails, whether with a password or a factor', async () => {
    for (let index = 1; index < ACCOUNTS; index++) await subject.isAdmitted(`user-${index}`, from(HOME));
    expect(await outcomeOf(TOTP, from(HOME))).toBe('failed');
    expect(await outcomeOf(TOTP, from(HOME), 'bob')).toBe('too many accounts');
    expect(await throttle.reserve('bob', from(HOME))).toBe('too many accounts');
  });
});

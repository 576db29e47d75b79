import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AThrottle, FREE, from, stranger } from './a-throttle.spec-support.js';
import type { LoginDelays } from './login-delays.js';
import type { LoginSource } from './login-source.js';
import { THROTTLED_FACTORS, type ThrottledFactor } from './throttle-keys.js';

const NOW = 1_800_000_000_000;
const HOME = '203.0.113.1';

describe('LoginDelays', () => {
  let subject: AThrottle;
  let delays: LoginDelays;

  beforeEach(async () => {
    subject = await AThrottle.create();
    ({ delays } = subject);
  });

  afterEach(() => subject.remove());

  /** Fails until the source must wait. */
  const exhaust = async (factor: ThrottledFactor, source: LoginSource): Promise<void> => {
    for (let attempt = 0; attempt < FREE; attempt++)
      await subject.throttle.fail(await subject.reserved('alice', source, factor));
    expect(await isAdmitted(factor, source)).toBe(false);
  };

  const isAdmitted = async (factor: ThrottledFactor, source: LoginSource): Promise<boolean> =>
    typeof (await subject.throttle.reserve('alice', source, factor)) !== 'string';

  describe('shows', () => {
    beforeEach(() => subject.setTime(NOW));

    const failed = { factor: null, failures: FREE, lastAt: NOW };
    const ofStrangers = { ...failed, sources: 'unknown_addresses', until: NOW + 60_000 };
    const withoutAddress = { ...failed, sources: 'without_address', until: NOW + 10_000 };

    it('no delay of an account before there were too many failures', async () => {
      await subject.isAdmitted('alice', stranger(0));
      expect(await delays.of('alice')).toEqual([]);
    });

    it('the delays of attempts from unknown addresses, and of those without an address', async () => {
      await subject.attemptsUntilDelayed('alice', stranger);
      expect(await delays.of('alice')).toEqual([ofStrangers]);
      await subject.attemptsUntilDelayed('alice', () => from(null));
      expect(await delays.of('alice')).toEqual([ofStrangers, withoutAddress]);
      expect(await delays.of('bob')).toEqual([]);
    });

    it('the delays of each second factor', async () => {
      for (const factor of THROTTLED_FACTORS) await exhaust(factor, from(HOME));
      const expected = THROTTLED_FACTORS.map((factor) => ({ ...ofStrangers, factor }));
      expect(await delays.of('alice')).toEqual(expected);
    });

    it('a delay until it is over', async () => {
      await subject.attemptsUntilDelayed('alice', () => from(null));
      subject.setTime(NOW + 9999);
      expect(await delays.of('alice')).toEqual([withoutAddress]);
      subject.setTime(NOW + 10_000);
      expect(await delays.of('alice')).toEqual([]);
    });
  });

  describe.each([
    ['strangers, and of the given address', HOME],
    ['strangers', null],
  ])('forgets the failures of %s', (_who, address) => {
    const sources = [from('192.0.2.77'), from(null), from(HOME)];
    const expected = [true, true, address !== null];
    const forget = () => subject.database.transaction((tx) => delays.forget(tx, 'alice', address));

    it('with passwords', async () => {
      await subject.logIn('alice', from(HOME));
      for (const source of sources) await subject.attemptsUntilDelayed('alice', () => source);
      await forget();
      const admitted = await Promise.all(sources.map((source) => subject.isAdmitted('alice', source)));
      expect(admitted).toEqual(expected);
    });

    it.each(THROTTLED_FACTORS)('with %s', async (factor) => {
      await subject.throttle.settle(await subject.reserved('alice', from(HOME), factor));
      for (const source of sources) await exhaust(factor, source);
      await forget();
      const admitted = await Promise.all(sources.map((source) => isAdmitted(factor, source)));
      expect(admitted).toEqual(expected);
    });
  });
});

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AThrottle, from } from './a-throttle.spec-support.js';
import type { LoginThrottle } from './login-throttle.js';

const NOW = 1_800_000_000_000;
const DAY_MS = 86_400_000;

describe('LoginThrottle', () => {
  let subject: AThrottle;
  let throttle: LoginThrottle;

  beforeEach(async () => {
    subject = await AThrottle.create();
    ({ throttle } = subject);
  });

  afterEach(() => subject.remove());

  describe('knows a device', () => {
    it('at its account only, and by a value that this server has made', async () => {
      const device = throttle.deviceValue(await subject.logIn('alice', from(null)));
      expect(throttle.isKnownDevice('alice', from(null, device))).toBe(true);
      expect(throttle.isKnownDevice('bob', from(null, device))).toBe(false);
      expect(throttle.isKnownDevice('alice', from(null, 'lkd_anything'))).toBe(false);
      expect(throttle.isKnownDevice('alice', from('203.0.113.1', null))).toBe(false);
    });

    it('for 90 days after the login', () => {
      jest.useFakeTimers({ now: NOW });
      const device = throttle.deviceValueOf('alice');
      jest.setSystemTime(NOW + 90 * DAY_MS - 1);
      expect(throttle.isKnownDevice('alice', from(null, device))).toBe(true);
      jest.setSystemTime(NOW + 90 * DAY_MS);
      expect(throttle.isKnownDevice('alice', from(null, device))).toBe(false);
    });

    afterEach(() => void jest.useRealTimers());
  });
});

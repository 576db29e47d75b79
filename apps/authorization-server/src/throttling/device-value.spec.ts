import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createDeviceValue, deviceValueIsGenuine } from './device-value.js';

const ACCOUNT = Buffer.alloc(16, 1);
const KEY = Buffer.alloc(32, 2);
const EXPIRES_AT = 1_700_000_000_000;
const VALUE = createDeviceValue(ACCOUNT, KEY, EXPIRES_AT);

const isGenuine = (value: string, account = ACCOUNT, key = KEY, now = EXPIRES_AT - 1000) =>
  deviceValueIsGenuine(value, account, key, now);

describe('A device value', () => {
  it('is good for its account and key, until it expires', () => {
    expect(VALUE).toMatch(/^lkd_[\w-]{43}$/);
    expect(isGenuine(VALUE)).toBe(true);
    expect(isGenuine(VALUE, Buffer.alloc(16, 3))).toBe(false);
    expect(isGenuine(VALUE, ACCOUNT, randomBytes(32))).toBe(false);
    expect(isGenuine(VALUE, ACCOUNT, KEY, EXPIRES_AT - 1)).toBe(true);
    expect(isGenuine(VALUE, ACCOUNT, KEY, EXPIRES_AT)).toBe(false);
  });

  it('expires at the second that begins before the time it was given', () => {
    const value = createDeviceValue(ACCOUNT, KEY, EXPIRES_AT + 999);
    expect(isGenuine(value, ACCOUNT, KEY, EXPIRES_AT)).toBe(false);
  });

  it('differs each time, so that each device has a budget of its own', () => {
    expect(createDeviceValue(ACCOUNT, KEY, EXPIRES_AT)).not.toBe(VALUE);
  });

  it('has one text only', () => {
    for (const other of [
      '',
      VALUE.slice(4),
      `${VALUE}=`,
      `${VALUE}A`,
      VALUE.slice(0, -1),
      ` ${VALUE}`,
      `x${VALUE.slice(1)}`,
    ]) {
      expect(isGenuine(other)).toBe(false);
    }
  });

  it('is refused when any bit of it was changed', () => {
    const bytes = Buffer.from(VALUE.slice(4), 'base64url');
    fc.assert(
      fc.property(fc.nat({ max: bytes.length * 8 - 1 }), (bit) => {
        const altered = Buffer.from(bytes);
        altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(isGenuine(`lkd_${altered.toString('base64url')}`)).toBe(false);
      }),
    );
  });
});

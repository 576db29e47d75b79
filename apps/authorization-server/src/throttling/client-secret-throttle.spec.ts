import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { DataKeysService } from '../data-keys/data-keys.service.js';
import { ClientSecretThrottle } from './client-secret-throttle.js';

const PEER = '203.0.113.1';

/** The digests of a server, without its database. */
const keys = {
  digest: (use: string, value: string) => createHmac('sha256', use).update(value).digest('base64url'),
} as DataKeysService;

describe('ClientSecretThrottle', () => {
  let throttle: ClientSecretThrottle;

  const fail = (times: number, clientId: string, peer = PEER) =>
    Array.from({ length: times }, () => throttle.countFailure(clientId, peer));

  beforeEach(() => {
    jest.useFakeTimers();
    throttle = new ClientSecretThrottle(keys, { freeAttempts: 3 });
  });

  afterEach(() => void jest.useRealTimers());

  it('lets some failures pass, and none after them for a minute', () => {
    expect(fail(5, 'shop')).toEqual([false, false, false, true, true]);
    jest.advanceTimersByTime(59_999);
    expect(fail(1, 'shop')).toEqual([true]);
    jest.advanceTimersByTime(1);
    expect(fail(4, 'shop')).toEqual([false, false, false, true]);
  });

  it('counts each client and each peer by itself', () => {
    fail(4, 'shop');
    expect(fail(1, 'other')).toEqual([false]);
    expect(fail(1, 'shop', '203.0.113.2')).toEqual([false]);
  });

  it('counts an IPv6 network as one peer, and an IPv4 address in either writing', () => {
    fail(3, 'shop', '2001:db8:1:2::1');
    expect(fail(1, 'shop', '2001:db8:1:2:ffff::9')).toEqual([true]);
    expect(fail(1, 'shop', '2001:db8:1:3::1')).toEqual([false]);
    fail(3, 'shop');
    expect(fail(1, 'shop', `::ffff:${PEER}`)).toEqual([true]);
  });

  it('is not got round with another name each time', () => {
    const outcomes = Array.from({ length: 31 }, (_, index) => fail(1, `name-${index}`)).flat();
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(fail(1, 'name-99')).toEqual([true]);
  });

  it('forgets the oldest when there are too many to remember', () => {
    fail(3, 'shop');
    for (let index = 0; index < 5000; index++) fail(1, 'shop', `10.1.${index >> 8}.${index & 255}`);
    expect(fail(1, 'shop')).toEqual([false]);
  });
});

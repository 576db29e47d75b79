import { describe, expect, it } from '@jest/globals';
import type { Client } from '../../../clients/client.js';
import type { RequestContext } from '../../common/request-context.js';
import { loginSource, requestAddress } from './read-login-source.js';

const TRUSTED = { clientId: 'trusted', forwardsEndUserAddress: true } as Client;
const UNTRUSTED = { clientId: 'untrusted', forwardsEndUserAddress: false } as Client;

const PEER = '192.0.2.1';

/** Whose neighbours share what one of them may use. */
const NETWORK = '20010db800000000/64';

/** The source is looked for in these two only: the peer is the client, not the end user. */
function request(forwardedFor: string | null, device: string | null = null): RequestContext {
  return { requestId: 'r', address: PEER, forwardedFor, device, arrivedAt: 0 };
}

describe('loginSource', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:80', '203.0.113.7', '203.0.113.7'],
    ['2001:db8::1', '2001:db8::1', NETWORK],
    ['[2001:DB8::0:1]:443', '2001:db8::1', NETWORK],
    ['::ffff:203.0.113.7', '203.0.113.7', '203.0.113.7'],
  ])('reads the address that a trusted client forwards as %s', (forwarded, address, source) => {
    expect(loginSource(TRUSTED, request(forwarded))).toEqual({
      address,
      device: null,
      flow: { client: 'client trusted', source },
    });
  });

  it('has no address when a trusted client forwards none', () => {
    expect(loginSource(TRUSTED, request(null))).toEqual({
      address: null,
      device: null,
      flow: { client: 'client trusted', source: PEER },
    });
  });

  it.each(['203.0.113.7', 'no address'])('ignores %j from any other client', (forwardedFor) => {
    expect(loginSource(UNTRUSTED, request(forwardedFor))).toEqual({
      address: null,
      device: null,
      flow: { client: 'client untrusted', source: PEER },
    });
  });

  it.each(['no address', '203.0.113.7, 203.0.113.8', '203.0.113.256', 'unknown', '1', ' '])(
    'refuses %j from a trusted client',
    (forwardedFor) => {
      expect(() => loginSource(TRUSTED, request(forwardedFor))).toThrow(
        expect.objectContaining({ code: 'invalid_request', status: 400 }),
      );
    },
  );

  it.each([TRUSTED, UNTRUSTED])('has the device value, whoever passes it on', (client) => {
    expect(loginSource(client, request(null, 'a device'))).toMatchObject({
      address: null,
      device: 'a device',
    });
  });
});

describe('requestAddress', () => {
  it.each([
    [TRUSTED, '203.0.113.7:80', '203.0.113.7'],
    [TRUSTED, null, PEER],
    [TRUSTED, 'no address', PEER],
    [UNTRUSTED, '203.0.113.7', PEER],
  ])('of %j that forwards %j is %s', (client, forwardedFor, address) => {
    expect(requestAddress(client, request(forwardedFor))).toBe(address);
  });
});

import { describe, expect, it } from '@jest/globals';
import { loginFlow } from './login-source.js';

const PEER = '192.0.2.1';

describe('loginFlow', () => {
  it('is of the client and the address of the end user', () => {
    expect(loginFlow('shop', '203.0.113.1', PEER)).toEqual({ client: 'client shop', source: '203.0.113.1' });
  });

  it('is of the peer where the address of the end user is unknown', () => {
    expect(loginFlow('shop', null, PEER)).toEqual({ client: 'client shop', source: PEER });
  });

  it('is the same for all addresses of one IPv6 network', () => {
    const flow = loginFlow('shop', '2001:db8:1:2::1', PEER);
    expect(loginFlow('shop', '2001:db8:1:2:ffff::9', PEER)).toEqual(flow);
    expect(loginFlow('shop', null, '2001:db8:1:2::7')).toEqual(flow);
    expect(loginFlow('shop', '2001:db8:1:3::1', PEER)).not.toEqual(flow);
  });

  it('differs between clients', () => {
    expect(loginFlow('shop', null, PEER)).not.toEqual(loginFlow('app', null, PEER));
  });

  it('takes what is no address as it is, so that it does not share a flow with all others', () => {
    expect(loginFlow('shop', null, 'unknown').source).toBe('unknown');
  });
});

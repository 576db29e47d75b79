import { describe, expect, it } from '@jest/globals';
import { judgeIntrospectionResponse, readIntrospectionResponse } from './introspection-response.js';
import { DEFAULT_CLAIMS } from '../claims/access-token-claims.js';
import { Refusal } from '../refusals/refusal.js';
import { IntrospectionUnavailableError } from './introspection-unavailable.error.js';

const NOW = 1_700_000_000_000;
const EXPECTED = { issuer: 'https://as.example', audience: 'https://api.example' };
const ACTIVE = {
  active: true,
  sub: 'alice',
  client_id: 'shop',
  scope: 'read write',
  exp: NOW / 1000 + 60,
  iss: 'https://as.example',
  aud: 'https://api.example',
  token_type: 'Bearer',
};

function read(changes: Record<string, unknown> = {}) {
  return readIntrospectionResponse({ ...ACTIVE, ...changes }, EXPECTED, NOW);
}

describe('readIntrospectionResponse (RFC 7662 section 2.2)', () => {
  it('gives a typed, frozen token', () => {
    const token = read({
      sid: 's1',
      jti: 'j1',
      username: 'alice',
      groups: ['staff'],
      iat: NOW / 1000 - 1,
      client_epoch: 3,
      user_epoch: 5,
      acr: 'urn:example:mfa',
      amr: ['pwd', 'otp'],
      auth_time: NOW / 1000 - 60,
      aud: ['x', 'https://api.example'],
    });
    expect(token).toEqual({
      subject: 'alice',
      clientId: 'shop',
      scopes: expect.anything(),
      expiresAt: NOW + 60_000,
      issuedAt: NOW - 1000,
      issuer: 'https://as.example',
      audience: ['x', 'https://api.example'],
      tokenId: 'j1',
      sessionId: 's1',
      username: 'alice',
      groups: ['staff'],
      roles: [],
      isOwnerToken: true,
      acr: 'urn:example:mfa',
      amr: ['pwd', 'otp'],
      authenticatedAt: NOW - 60_000,
      clientEpoch: 3,
      ownerEpoch: 5,
    });
    expect(token?.scopes.toString()).toBe('read write');
    expect(JSON.parse(JSON.stringify(token))).toMatchObject({ subject: 'alice', scopes: ['read', 'write'] });
    expect(Object.isFrozen(token) && Object.isFrozen(token?.groups) && Object.isFrozen(token?.audience)).toBe(
      true,
    );
  });

  it.each([{ active: false }, { active: false, sub: 5 }])('takes %j for inactive', (response) => {
    expect(readIntrospectionResponse(response, EXPECTED, NOW)).toBeNull();
  });

  it.each([
    { exp: NOW / 1000 },
    { exp: NOW / 1000 - 1 },
    { iss: 'https://as.example/' },
    { iss: 'https://AS.example' },
    { aud: 'https://api.example.evil' },
    { aud: ['https://other.example'] },
    { aud: [] },
    { token_type: 'DPoP' },
    { cnf: { jkt: 'x' } },
  ])('does not accept a token with %j', (changes) => {
    expect(read(changes)).toBeNull();
  });

  it.each([
    { active: 'true' },
    { active: 'false' },
    { active: 1 },
    { active: undefined },
    { active: null },
    { exp: String(NOW) },
    { exp: -1 },
    { exp: -0.5 },
    { exp: [NOW] },
    { exp: Number.MAX_VALUE },
    { sub: 5 },
    { sub: '' },
    { client_id: '' },
    { client_id: ['shop'] },
    { scope: ['read write'] },
    { scope: ['read', 5] },
    { scope: ['read', ''] },
    { scope: [['read']] },
    { scope: { read: true } },
    { scope: 'read  write' },
    { scope: 'r"ead' },
    { iss: undefined },
    { iss: null },
    { aud: undefined },
    { aud: null },
    { aud: [null] },
    { aud: [5] },
    { aud: { 0: 'https://api.example' } },
    { token_type: 5 },
    { groups: 'staff', username: 5 },
    { groups: [5] },
    { iat: '5' },
    { client_epoch: -1 },
    { user_epoch: 1.5 },
    { acr: 1 },
    { amr: [1] },
    { auth_time: '2026-11-29T00:00:00Z' },
  ])('does not understand an answer with %j', (changes) => {
    expect(() => read(changes)).toThrow(IntrospectionUnavailableError);
  });

  it.each([
    [{ exp: undefined }, { expiresAt: null }],
    [{ exp: null }, { expiresAt: null }],
    [{ exp: NOW / 1000 + 1.5 }, { expiresAt: NOW + 1500 }],
    [{ exp: NOW / 1000 + 0.0005 }, null],
    [{ iat: NOW / 1000 - 0.5 }, { issuedAt: NOW - 500 }],
    [{ iat: null }, { issuedAt: null }],
    [{ client_id: undefined }, { clientId: null, subject: 'alice', isOwnerToken: false }],
    [{ client_id: null }, { clientId: null, isOwnerToken: false }],
    [{ sub: null }, { subject: null, isOwnerToken: false }],
    [{ username: '' }, { username: null }],
    [
      { username: null, groups: null, sid: null, jti: null },
      { username: null, groups: [], sessionId: null },
    ],
    [
      { acr: '', amr: null },
      { acr: null, amr: [], authenticatedAt: null },
    ],
    [{ token_type: null, cnf: null }, { subject: 'alice' }],
    [
      { client_epoch: null, user_epoch: null },
      { clientEpoch: null, ownerEpoch: null },
    ],
  ])('understands an answer with %j', (changes, expected) => {
    if (expected === null) expect(read(changes)).toBeNull();
    else expect(read(changes)).toMatchObject(expected);
  });

  it.each([
    [['read', 'write'], 'read write'],
    [[], ''],
    [null, ''],
  ])('understands the scope %j', (scope, text) => {
    expect(read({ scope })?.scopes.toString()).toBe(text);
  });

  it('names the claim that it does not understand', () => {
    expect(() => read({ exp: 'never' })).toThrow('the introspection response has an unusable "exp"');
    expect(() => read({ iss: null })).toThrow('the introspection response has no "iss"');
  });

  it.each([null, [], [ACTIVE], 'active', true, undefined])('does not understand %j', (response) => {
    expect(() => readIntrospectionResponse(response, EXPECTED, NOW)).toThrow(IntrospectionUnavailableError);
  });

  it('does not read claims from a prototype', () => {
    const response: unknown = JSON.parse(`{"__proto__": ${JSON.stringify(ACTIVE)}}`);
    expect(() => readIntrospectionResponse(response, EXPECTED, NOW)).toThrow(IntrospectionUnavailableError);
    expect(() => readIntrospectionResponse(Object.create(ACTIVE), EXPECTED, NOW)).toThrow();
  });

  it('grants nothing where no scope is named', () => {
    expect(read({ scope: undefined })?.scopes.isEmpty).toBe(true);
    expect(read({ scope: '' })?.scopes.isEmpty).toBe(true);
  });

  it.each([
    [{ sub: 'shop' }, false],
    [{ sub: undefined }, false],
    [{ sub: 'Shop' }, true],
  ])('tells owner tokens from the tokens of clients: %j', (changes, isOwnerToken) => {
    expect(read(changes)?.isOwnerToken).toBe(isOwnerToken);
  });

  it('takes what a server does not tell for unknown', () => {
    expect(read()).toMatchObject({ issuedAt: null, clientEpoch: null, ownerEpoch: null, sessionId: null });
  });

  it('says why a token is refused', () => {
    expect(judgeIntrospectionResponse({ active: false }, EXPECTED, NOW)).toEqual(new Refusal('inactive'));
    expect(judgeIntrospectionResponse({ ...ACTIVE, cnf: {} }, EXPECTED, NOW)).toEqual(
      new Refusal('key_bound'),
    );
  });

  it('passes on an error in a rule of the application, which says nothing about the server', () => {
    const failure = new TypeError('a defect');
    const isOwnerToken = () => {
      throw failure;
    };
    const expected = { ...EXPECTED, claims: { ...DEFAULT_CLAIMS, isOwnerToken } };
    expect(() => readIntrospectionResponse(ACTIVE, expected, NOW)).toThrow(failure);
  });

  it('repeats no value in its errors', () => {
    expect(() => read({ scope: 'top-secret"' })).toThrow(/^(?!.*top-secret)/);
  });
});

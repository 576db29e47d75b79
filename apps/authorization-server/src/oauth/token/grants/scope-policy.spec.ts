import { describe, expect, it } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import type { Client } from '../../../clients/client.js';
import { requestedScope, scopeForClient, scopeForOwner } from './scope-policy.js';

const INVALID = expect.objectContaining({ code: 'invalid_scope', status: 400 });

/** The policy looks at the scopes of a client only. */
function client(scope: string, defaultScope: string | null): Client {
  return {
    scope: ScopeSet.parse(scope),
    defaultScope: defaultScope === null ? null : ScopeSet.parse(defaultScope),
  } as Client;
}

describe('requestedScope', () => {
  it('is absent, or what the parameter says', () => {
    expect(requestedScope(null)).toBeNull();
    expect(requestedScope('a b a')?.toString()).toBe('a b');
  });

  it.each([' ', 'a  b', ' a', 'a ', 'a\tb', 'a"b', 'a\\b', 'ä', 'a\0'])('refuses %j', (parameter) => {
    expect(() => requestedScope(parameter)).toThrow(INVALID);
  });
});

describe.each([
  ['scopeForOwner', scopeForOwner],
  ['scopeForClient', scopeForClient],
])('%s', (_, scopeFor) => {
  it.each([
    ['read', 'read'],
    ['write read', 'write read'],
    [null, 'read'],
  ])('grants %j as %j', (parameter, expected) => {
    expect(scopeFor(client('read write', 'read'), parameter).toString()).toBe(expected);
  });

  it.each(['admin', 'read admin', 'readwrite', 'Read', 'rea'])('refuses %j', (parameter) => {
    expect(() => scopeFor(client('read write', 'read'), parameter)).toThrow(INVALID);
  });

  it('refuses to guess when nothing is asked for and there is no default', () => {
    expect(() => scopeFor(client('read', null), null)).toThrow(INVALID);
  });

  it('refuses administrative scopes together with others', () => {
    expect(() => scopeFor(client('read admin:users', 'read'), 'read admin:users')).toThrow(INVALID);
  });
});

it("administrative scopes are a client's own, and never a resource owner's to give", () => {
  const administrator = client('admin:users admin:keys', 'admin:users');
  expect(scopeForClient(administrator, 'admin:users admin:keys').toString()).toBe('admin:users admin:keys');
  expect(() => scopeForOwner(administrator, 'admin:users')).toThrow(INVALID);
  expect(() => scopeForOwner(administrator, null)).toThrow(INVALID);
});

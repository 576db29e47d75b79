import { describe, expect, it } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import { assertHoldsPowerOf, CurrentAdministrator, hasScope, type Administrator } from './administrator.js';
import { anAdministrator, callWith, refusalOf, valueOf } from './an-administrator.spec-support.js';

describe('hasScope', () => {
  it.each([
    ['admin:users', 'admin:users', true],
    ['admin:users', 'admin:users:read', true],
    ['admin:users:read', 'admin:users:read', true],
    ['admin:users:read', 'admin:users', false],
    ['admin:clients', 'admin:users', false],
    ['admin:clients', 'admin:users:read', false],
    ['admin:user', 'admin:users', false],
    ['admin:users:re', 'admin:users:read', false],
    ['admin', 'admin:users', false],
    ['admin:', 'admin:users', false],
  ])('with %s, to do what requires %s: %s', (held, required, expected) => {
    expect(hasScope(ScopeSet.parse(held), required)).toBe(expected);
  });
});

describe('assertHoldsPowerOf', () => {
  const scopes = (...texts: string[]) => texts.map((text) => ScopeSet.parse(text));

  it.each([
    ['admin:clients', scopes('read write')],
    ['admin:clients', [ScopeSet.EMPTY]],
    ['admin:clients', []],
    ['admin:clients admin:users', scopes('admin:users read', 'admin:clients:read')],
    ['admin:clients:read', scopes('admin:clients:read')],
  ])('lets %s change a client with %s', (held, power) => {
    expect(() => assertHoldsPowerOf(anAdministrator(held), ...power)).not.toThrow();
  });

  it.each([
    ['admin:clients', scopes('admin:users'), 'admin:users'],
    ['admin:clients:read', scopes('admin:clients'), 'admin:clients'],
    // What it had before counts, and so does what it is to have.
    ['admin:clients', scopes('admin:keys', 'read'), 'admin:keys'],
    ['admin:clients', scopes('read', 'admin:keys'), 'admin:keys'],
    [
      'admin:clients',
      scopes('admin:clients read admin:audit:read', 'admin:keys'),
      'admin:audit:read admin:keys',
    ],
  ])('does not let %s change a client with %s, and names what is missing', async (held, power, missing) => {
    expect(await refusalOf(() => assertHoldsPowerOf(anAdministrator(held), ...power))).toEqual([
      403,
      missing,
    ]);
  });
});

describe('CurrentAdministrator', () => {
  const administratorOf = valueOf<Administrator>(CurrentAdministrator());

  it('is the client of the token, with the scopes of the token, for the audit log', async () => {
    const scopes = ScopeSet.parse('admin:users:read');
    expect(administratorOf(await callWith({ clientId: 'console', scopes }, 'GET'))).toEqual(
      anAdministrator('admin:users:read'),
    );
  });

  it.each([null, { clientId: null, scopes: ScopeSet.parse('admin:users') }])(
    'is nothing without a client that has a token: %j',
    async (token) => {
      const context = await callWith(token, 'GET');
      expect(await refusalOf(() => administratorOf(context))).toEqual([401, undefined]);
    },
  );
});

import { describe, expect, it } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import { Reflector } from '@nestjs/core';
import { Administers } from './administers.decorator.js';
import { AdministratorGuard } from './administrator.guard.js';
import { callWith, refusalOf } from './an-administrator.spec-support.js';

@Administers('users', 'users')
class Users {}

class Elsewhere {}

describe('AdministratorGuard', () => {
  const guard = new AdministratorGuard(new Reflector());
  const call = async (scope: string, method: string, isOwnerToken = false, controller: object = Users) =>
    guard.canActivate(await callWith({ scopes: ScopeSet.parse(scope), isOwnerToken }, method, controller));

  it.each([
    ['admin:users', 'GET'],
    ['admin:users:read', 'GET'],
    ['admin:users:read', 'HEAD'],
    ['admin:users', 'PATCH'],
    ['other admin:users', 'DELETE'],
  ])('admits a client with %s to %s', async (scope, method) => {
    expect(await call(scope, method)).toBe(true);
  });

  it.each([
    ['admin:users:read', 'POST', 'admin:users'],
    ['admin:users:read', 'PATCH', 'admin:users'],
    ['admin:users:read', 'DELETE', 'admin:users'],
    ['admin:users:read', 'OPTIONS', 'admin:users'],
    ['admin:clients', 'PUT', 'admin:users'],
    ['admin:clients', 'GET', 'admin:users:read'],
    ['users', 'GET', 'admin:users:read'],
  ])('refuses a client with %s for %s, and names the scope', async (scope, method, required) => {
    expect(await refusalOf(() => call(scope, method))).toEqual([403, required]);
  });

  it('refuses a resource owner, whatever the scope of the token', async () => {
    expect(await refusalOf(() => call('admin:users', 'GET', true))).toEqual([403, 'admin:users:read']);
  });

  it('admits nothing without a token, and to no controller of which it does not know the area', async () => {
    expect(guard.canActivate(await callWith(null, 'GET', Users))).toBe(false);
    expect(await call('admin:users', 'GET', false, Elsewhere)).toBe(false);
  });
});

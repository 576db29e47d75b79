import { describe, expect, it } from '@jest/globals';
import type { ExecutionContext, Type } from '@nestjs/common';
import { ScopeSet } from '@latchkey/contracts';
import { accessOf, Public } from './public.decorator.js';
import { RequireOwner, RequireOwnerToken } from './require-owner.decorator.js';
import { assertScopes, RequireScopes, requiredScopesOf } from './require-scopes.decorator.js';
import type { AccessToken } from '../claims/access-token.js';

class Plain {
  undecorated() {
    return true;
  }
  @Public() open() {
    return true;
  }
  @Public() @RequireScopes('read') openAndScoped() {
    return true;
  }
}

@Public()
class Open {
  undecorated() {
    return true;
  }
  @RequireScopes('read') scoped() {
    return true;
  }
  @RequireOwner('sub') owned() {
    return true;
  }
  @RequireOwnerToken() ownersOnly() {
    return true;
  }
}

class ExtendsOpen extends Open {}

@RequireScopes('read')
class Scoped {
  undecorated() {
    return true;
  }
  @Public() open() {
    return true;
  }
  @RequireScopes('write') @RequireScopes('erase') more() {
    return true;
  }
}

@Public()
class OpenExtendsScoped extends Scoped {}

function context(type: Type, method: string): ExecutionContext {
  const handler = (type.prototype as Record<string, () => void>)[method];
  return { getHandler: () => handler, getClass: () => type } as unknown as ExecutionContext;
}

describe('@Public()', () => {
  it.each<[Type, string, boolean]>([
    [Plain, 'undecorated', false],
    [Plain, 'open', true],
    [Plain, 'openAndScoped', false],
    [Open, 'undecorated', true],
    [Open, 'scoped', false],
    [Open, 'owned', false],
    [Open, 'ownersOnly', false],
    [ExtendsOpen, 'undecorated', false],
    [Scoped, 'undecorated', false],
    [Scoped, 'open', true],
    [OpenExtendsScoped, 'undecorated', false],
  ])('%p.%s: %s', (type, method, expected) => {
    const route = context(type, method);
    expect(accessOf(route.getHandler(), route.getClass()) === 'public').toBe(expected);
  });
});

describe('@RequireScopes()', () => {
  const required = (type: Type, method: string) => {
    const route = context(type, method);
    return requiredScopesOf(route.getClass(), route.getHandler());
  };

  it('adds up', () => {
    expect([...required(Scoped, 'more')].sort()).toEqual(['erase', 'read', 'write']);
    expect([...required(Scoped, 'undecorated')]).toEqual(['read']);
    expect(required(Plain, 'undecorated').isEmpty).toBe(true);
  });

  it('does not change the class that is extended', () => {
    @RequireScopes('write')
    class Extending extends Scoped {}
    expect([...requiredScopesOf(Extending)]).toEqual(['read', 'write']);
    expect([...requiredScopesOf(Scoped)]).toEqual(['read']);
  });

  it('refuses to protect with nothing', () => {
    expect(() => RequireScopes()).toThrow(TypeError);
    expect(() => RequireScopes('read write')).toThrow();
    expect(() => RequireOwner('')).toThrow(TypeError);
  });

  it.each([
    ['', false],
    ['readwrite', false],
    ['READ', false],
    ['read:all', false],
    ['write', false],
    ['write read', true],
  ])('matches exactly: %j grants "read": %s', (granted, allowed) => {
    const scopes = granted === '' ? ScopeSet.EMPTY : ScopeSet.parse(granted);
    const attempt = () => assertScopes({ scopes } as AccessToken, ScopeSet.of(['read']));
    if (allowed) expect(attempt).not.toThrow();
    else expect(attempt).toThrow(expect.objectContaining({ status: 403 }));
  });
});

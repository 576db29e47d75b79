import 'reflect-metadata';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { ScopeSet } from '@latchkey/contracts';
import type { AccessToken } from '../claims/access-token.js';
import { aToken } from '../claims/a-token.spec-support.js';
import { IntrospectionUnavailableError } from '../introspection/introspection-unavailable.error.js';
import type { ResourceServerOptions } from '../options/resource-server-options.js';
import { ResourceServerSettings } from '../options/resource-server-settings.js';
import { BearerError } from '../refusals/bearer-error.js';
import { Refusal } from '../refusals/refusal.js';
import { Refusals } from '../refusals/refusals.js';
import { accessTokenOf } from '../request/judgement.js';
import type { AccessTokenGuard } from './access-token.guard.js';
import type { TokenWatch } from './token-watch.js';
import { Application, guardOf, OPTIONS, Routes, Tokens } from './access-token.guard.spec-support.js';

describe('AccessTokenGuard', () => {
  let tokens: Tokens;
  let refusals: Refusals;
  let guard: AccessTokenGuard;
  let headers: Record<string, string>;
  let request: Record<string, unknown>;

  const start = (options: Partial<ResourceServerOptions> = {}) => {
    const settings = new ResourceServerSettings({ ...OPTIONS, ...options });
    guard = guardOf(tokens, refusals, {} as TokenWatch, settings, headers);
  };

  beforeEach(() => {
    tokens = new Tokens();
    refusals = new Refusals();
    headers = {};
    Application.reset();
    start();
  });

  const call = (handler: keyof Routes, token?: string, type = 'http'): boolean | Promise<boolean> => {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    request = { method: 'GET', url: '/', headers: authorization, rawHeaders: [], params: { user: 'alice' } };
    return guard.canActivate({
      getType: () => type,
      getArgByIndex: (index: number) => [request, {}][index],
      getHandler: () => Routes.prototype[handler],
      getClass: () => Routes,
      switchToHttp: () => ({ getResponse: () => ({}) }),
    } as unknown as ExecutionContext);
  };
  const refusal = async (handler: keyof Routes, token?: string): Promise<[number, string | undefined]> => {
    let error: unknown = null;
    try {
      await call(handler, token);
    } catch (reason) {
      error = reason;
    }
    expect(error).toBeInstanceOf(BearerError);
    expect(accessTokenOf(request)).toBeNull();
    return [(error as BearerError).getStatus(), (error as BearerError).refusal?.reason];
  };
  const remember = (token: string, changes: Partial<AccessToken> = {}): AccessToken => {
    const remembered = aToken(changes);
    tokens.cached.set(token, remembered);
    return remembered;
  };

  it('lets what is remembered pass at once, and shows its token', () => {
    const token = remember('t');
    expect(call('plain', 't')).toBe(true);
    expect(accessTokenOf(request)).toBe(token);
    expect(tokens.asked).toEqual([]);
    expect(request).not.toHaveProperty('user');
  });

  it('asks about what is not remembered', async () => {
    tokens.answers.set('t', aToken());
    expect(await call('plain', 't')).toBe(true);
    expect(tokens.asked).toEqual(['t']);
  });

  it.each<[string, string | undefined, [number, string | undefined]]>([
    ['no token', undefined, [401, 'no_token']],
    ['an unknown token', 'made-up', [401, 'inactive']],
    ['what is no token', 'two words', [401, 'malformed']],
  ])('refuses %s with a challenge', async (_, token, expected) => {
    expect(await refusal('plain', token)).toEqual(expected);
    expect(headers['WWW-Authenticate']).toMatch(/^Bearer /);
    expect(refusals.counts[expected[1] as 'inactive']).toBe(1);
  });

  it('refuses what is remembered as bad, without asking', async () => {
    tokens.cached.set('t', new Refusal('revoked'));
    expect(await refusal('plain', 't')).toEqual([401, 'revoked']);
    expect(tokens.asked).toEqual([]);
  });

  it('refuses with 503 where nothing can be found out', async () => {
    tokens.answers.set('t', new IntrospectionUnavailableError('no answer'));
    expect(await refusal('plain', 't')).toEqual([503, 'unavailable']);
  });

  it('looks at no token on a public route', () => {
    expect(call('open', 'made-up')).toBe(true);
    expect(accessTokenOf(request)).toBeNull();
    expect(tokens.asked).toEqual([]);
  });

  it('takes a token that may be missing, and refuses a bad one', async () => {
    expect(call('optional')).toBe(true);
    expect(accessTokenOf(request)).toBeNull();
    const token = remember('t');
    expect(call('optional', 't')).toBe(true);
    expect(accessTokenOf(request)).toBe(token);
    expect(await refusal('optional', 'made-up')).toEqual([401, 'inactive']);
  });

  it.each<[keyof Routes, Partial<AccessToken>, [number, string]]>([
    ['write', {}, [403, 'scope']],
    ['either', { scopes: ScopeSet.of(['other']) }, [403, 'scope']],
    ['staff', { groups: ['sales'] }, [403, 'group']],
    ['owners', { isOwnerToken: false }, [403, 'owner_token']],
    ['strong', { acr: 'urn:weak' }, [401, 'acr']],
    ['own', { subject: 'bob' }, [403, 'owner']],
  ])('holds %s against the token', async (handler, changes, expected) => {
    remember('t', changes);
    expect(await refusal(handler, 't')).toEqual(expected);
  });

  it('lets pass what has all that a route requires', async () => {
    remember('t', { groups: ['staff'], acr: 'urn:strong' });
    for (const handler of ['either', 'staff', 'owners', 'strong', 'own', 'resolved', 'allowed'] as const) {
      expect(await call(handler, 't')).toBe(true);
      expect(accessTokenOf(request)?.subject).toBe('alice');
    }
  });

  it.each([
    ['resolved', 'owner', 'bob', [404, 'owner']],
    ['resolved', 'owner', null, [404, 'owner']],
    ['allowed', 'isAllowed', false, [403, 'policy']],
    ['allowed', 'isAllowed', 'yes', [403, 'policy']],
  ] as const)('refuses by %s where the application says so', async (handler, member, says, expected) => {
    remember('t');
    Object.assign(Application, { [member]: says });
    expect(await refusal(handler, 't')).toEqual(expected);
  });

  it.each(['resolved', 'allowed'] as const)(
    'judges again after the application was asked, for %s',
    async (handler) => {
      remember('t');
      // The feed ends it while the application thinks.
      Application.meanwhile = () => void tokens.cached.clear();
      expect(await refusal(handler, 't')).toEqual([401, 'inactive']);
      expect(tokens.asked).toEqual(['t']);
      Application.meanwhile = () => void tokens.cached.set('t', new Refusal('revoked'));
      remember('t');
      expect(await refusal(handler, 't')).toEqual([401, 'revoked']);
    },
  );

  it('asks once where nothing is remembered, and the application answers soon', async () => {
    tokens.answers.set('t', aToken());
    expect(await call('resolved', 't')).toBe(true);
    expect(tokens.asked).toEqual(['t']);
  });

  it('fills the user of the request where it is asked to', () => {
    start({ requestUser: ({ subject }: AccessToken) => ({ id: subject }) });
    remember('t');
    expect(call('plain', 't')).toBe(true);
    expect(request.user).toEqual({ id: 'alice' });
    expect(call('open', 't')).toBe(true);
    expect(request).not.toHaveProperty('user');
  });

  it('refuses a call of which it is not known where its token is', () => {
    remember('t');
    expect(() => call('plain', 't', 'another-transport')).toThrow(/mark it @Public\(\)/);
    expect(call('open', undefined, 'another-transport')).toBe(true);
  });
});

import { afterEach, beforeAll, afterAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Req } from '@nestjs/common';
import {
  CurrentToken,
  Public,
  RequestAuthenticator,
  type AccessToken,
  type ResourceServerOptions,
} from '@latchkey/resource-server';
import { IntrospectionServer } from './support/introspection-server.js';
import { PLATFORMS, startApplication, type ProtectedApplication } from './support/protected-application.js';

interface TenantClaims {
  tenant: string;
  roles: string[];
}

@Controller()
class MembersController {
  @Get('claims')
  claims(@CurrentToken() token: AccessToken<TenantClaims>) {
    return { claims: token.claims, whole: JSON.stringify(token), keys: Object.keys(token) };
  }

  /** Requests share what is remembered of a token. */
  @Get('careless')
  careless(@CurrentToken() { claims }: AccessToken<TenantClaims>) {
    try {
      claims.roles.push('admin');
    } catch (error) {
      return { error: (error as Error).name };
    }
    return { roles: claims.roles };
  }

  @Get('user')
  user(@Req() { user }: { user?: unknown }) {
    return { user: user ?? null };
  }

  @Get('public')
  @Public()
  open(@Req() { user }: { user?: unknown }) {
    return { user: user ?? null };
  }
}

const parse = ({ tenant, roles }: Readonly<Record<string, unknown>>): TenantClaims => {
  if (typeof tenant !== 'string') throw new Error('there is no tenant');
  return { tenant, roles: roles as string[] };
};

describe.each(PLATFORMS)('What an application finds in a token, on %s', (platform) => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;

  const start = async (options: Partial<ResourceServerOptions>) => {
    application = await startApplication(
      [MembersController],
      { introspectionEndpoint: authorizationServer.url, ...options },
      (nest) => {
        nest.use('/files', nest.get(RequestAuthenticator).middleware());
        nest.use('/files', (request: { user?: unknown }, response: { end(text: string): void }) =>
          response.end(JSON.stringify({ user: request.user ?? null })),
        );
      },
      { platform },
    );
  };
  const get = async (path: string, token?: string): Promise<unknown> =>
    (await application.call(path, token)).json();

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    authorizationServer.token('good', { tenant: 'acme', roles: ['clerk'], nested: { deep: ['x'] } });
    authorizationServer.token('bare');
  });

  afterEach(() => application.close());

  afterAll(() => authorizationServer.stop());

  it('has all claims, which neither JSON nor its keys show', async () => {
    await start({});
    const { claims, whole, keys } = (await get('/claims', 'good')) as Record<string, string>;
    expect(claims).toMatchObject({ active: true, sub: 'alice', tenant: 'acme', nested: { deep: ['x'] } });
    expect(whole).toContain('"scopes":["read"]');
    expect(whole).not.toContain('acme');
    expect(keys).not.toContain('claims');
    expect(await get('/careless', 'good')).toEqual({ error: 'TypeError' });
  });

  it('has what claims.parse makes of them', async () => {
    await start({ claims: { parse } });
    expect(await get('/claims', 'good')).toMatchObject({ claims: { tenant: 'acme', roles: ['clerk'] } });
    expect(await get('/careless', 'good')).toEqual({ error: 'TypeError' });
  });

  it.each<[string, NonNullable<ResourceServerOptions['claims']>['parse'], string]>([
    ['throws', parse, 'there is no tenant'],
    ['answers later', () => Promise.reject(new Error('late')), 'claims.parse must not return a promise'],
    ['answers nothing', (() => undefined) as never, 'claims.parse must return an object'],
  ])('is refused when claims.parse %s, and the log says why', async (_, parser, reason) => {
    await start({ claims: { parse: parser as never } });
    expect((await application.call('/claims', 'bare')).status).toBe(401);
    expect(application.log.join('\n')).toContain(
      `Refused with 401 at MembersController.claims: claims, expected "what claims.parse accepts", found "${reason}"`,
    );
  });

  it('is request.user when asked, and never on public routes', async () => {
    await start({ requestUser: true });
    expect(await get('/user', 'good')).toMatchObject({ user: { subject: 'alice', scopes: ['read'] } });
    expect(await get('/files/x', 'good')).toMatchObject({ user: { subject: 'alice' } });
    expect(await get('/public', 'good')).toEqual({ user: null });
  });

  it('becomes what a function makes of it', async () => {
    await start({ requestUser: ({ subject, scopes }) => ({ id: subject, scopes: [...scopes] }) });
    expect(await get('/user', 'good')).toEqual({ user: { id: 'alice', scopes: ['read'] } });
    expect(await get('/files/x', 'good')).toEqual({ user: { id: 'alice', scopes: ['read'] } });
  });

  it('is refused with 500 where the function answers later', async () => {
    await start({ requestUser: () => Promise.reject(new Error('late')) });
    expect((await application.call('/user', 'good')).status).toBe(500);
    expect(application.log.join('\n')).toContain('requestUser must not return a promise');
  });

  it('leaves request.user alone otherwise', async () => {
    await start({});
    expect(await get('/user', 'good')).toEqual({ user: null });
  });

  it.each<Partial<ResourceServerOptions>>([
    { requestUser: 'token' as never },
    { claims: { parse: 'parse' as never } },
  ])('does not start with %j', async (options) => {
    await start({});
    await expect(
      startApplication([MembersController], {
        introspectionEndpoint: authorizationServer.url,
        ...options,
      }),
    ).rejects.toThrow('must be');
  });
});

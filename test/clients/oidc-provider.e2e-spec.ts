import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import {
  CurrentToken,
  RequireOwnerToken,
  RequireScopes,
  type AccessToken,
  type ResourceServerOptions,
} from '@latchkey/resource-server';
import { Provider } from 'oidc-provider';
import { postForm } from '../support/http.js';
import { expectRefusal } from '../library/support/expectations.js';
import { AUDIENCE } from '../library/support/introspection-server.js';
import {
  PLATFORMS,
  startApplication,
  type ProtectedApplication,
} from '../library/support/protected-application.js';

const SHOP = { clientId: 'shop', secret: 'the secret of the shop' };
/** For this resource the server issues JWTs (RFC 9068). */
const JWT_AUDIENCE = 'https://jwt.example';

const API = { clientId: 'api', secret: 'the secret of the API' };

@Controller('reports')
@RequireScopes('reports:read')
class ReportsController {
  @Get()
  read(@CurrentToken() token: AccessToken) {
    return { clientId: token.clientId, isOwnerToken: token.isOwnerToken };
  }

  @Get('mine')
  @RequireOwnerToken()
  mine() {
    return { reports: [] };
  }
}

/** Somebody else's authorization server, with opaque tokens and JWTs, and without a feed of revocations. */
class OtherServer {
  private constructor(
    private readonly server: Server,
    readonly issuer: string,
  ) {}

  static async start(): Promise<OtherServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const secretOf = ({ clientId, secret }: typeof SHOP) => ({ client_id: clientId, client_secret: secret });
    const none = { redirect_uris: [], response_types: [] };
    const provider = new Provider(issuer, {
      clients: [
        { ...secretOf(SHOP), ...none, grant_types: ['client_credentials'] },
        { ...secretOf(API), ...none, grant_types: [] },
      ],
      features: {
        clientCredentials: { enabled: true },
        devInteractions: { enabled: false },
        introspection: { enabled: true, allowedPolicy: (_, client) => client.clientId === API.clientId },
        revocation: {
          enabled: true,
          allowedPolicy: (_, client, token) => token.clientId === client.clientId,
        },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: (_, audience) => ({
            scope: 'reports:read reports:write',
            audience,
            accessTokenFormat: audience === JWT_AUDIENCE ? 'jwt' : 'opaque',
            accessTokenTTL: 300,
          }),
        },
      },
    });
    const answer = provider.callback();
    server.on('request', (request, response) => void answer(request, response));
    return new OtherServer(server, issuer);
  }

  async token(scope: string, resource = AUDIENCE): Promise<string> {
    const form = { grant_type: 'client_credentials', scope, resource };
    const { json } = await postForm(`${this.issuer}/token`, form, SHOP);
    return (json as { access_token: string }).access_token;
  }

  async revoke(token: string): Promise<void> {
    expect((await postForm(`${this.issuer}/token/revocation`, { token }, SHOP)).status).toBe(200);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe.each(PLATFORMS)('Behind oidc-provider, on %s', (platform) => {
  let authorizationServer: OtherServer;
  let application: ProtectedApplication;

  beforeAll(async () => {
    // It reminds of what a productive installation would configure.
    for (const method of ['info', 'warn'] as const) jest.spyOn(console, method).mockReturnValue(undefined);
    authorizationServer = await OtherServer.start();
    application = await startApplication(
      [ReportsController],
      {
        introspectionEndpoint: `${authorizationServer.issuer}/token/introspection`,
        issuer: authorizationServer.issuer,
        clientId: API.clientId,
        clientSecret: API.secret,
      },
      undefined,
      { platform },
    );
  });

  afterAll(async () => {
    jest.restoreAllMocks();
    await application.close();
    await authorizationServer.stop();
  });

  it('accepts its tokens until they are revoked', async () => {
    const token = await authorizationServer.token('reports:read');
    const accepted = await application.call('/reports', token);
    expect(accepted.status).toBe(200);
    expect(await accepted.json()).toEqual({ clientId: 'shop', isOwnerToken: false });
    await authorizationServer.revoke(token);
    // Nothing tells the guard; what it remembers of the token is old soon.
    while ((await application.call('/reports', token)).status === 200) await setTimeout(100);
    expect((await application.call('/reports', token)).status).toBe(401);
  });

  it('refuses what was not issued for this API, lacks the scope, or was never issued', async () => {
    const foreign = await authorizationServer.token('reports:read', 'https://other.example');
    expect((await application.call('/reports', foreign)).status).toBe(401);
    const writer = await authorizationServer.token('reports:write');
    expect((await application.call('/reports', writer)).status).toBe(403);
    expect((await application.call('/reports', 'made-up')).status).toBe(401);
    expect((await application.call('/reports')).status).toBe(401);
  });

  it('tells a client from a resource owner', async () => {
    const token = await authorizationServer.token('reports:read');
    await expectRefusal(await application.call('/reports/mine', token), {
      status: 403,
      error: 'access_denied',
      challenge: null,
    });
  });
});

describe.each(PLATFORMS)('Before JWTs of oidc-provider, on %s', (platform) => {
  let authorizationServer: OtherServer;
  let application: ProtectedApplication;

  const start = async (options: Partial<ResourceServerOptions>) => {
    application = await startApplication(
      [ReportsController],
      { issuer: authorizationServer.issuer, validation: 'local', ...options },
      undefined,
      { platform },
    );
  };

  beforeAll(async () => {
    for (const method of ['info', 'warn'] as const) jest.spyOn(console, method).mockReturnValue(undefined);
    authorizationServer = await OtherServer.start();
  });

  afterEach(() => application.close());

  afterAll(async () => {
    jest.restoreAllMocks();
    await authorizationServer.stop();
  });

  it('validates them by the keys that discovery finds, and asks about opaque ones', async () => {
    await start({
      audience: [JWT_AUDIENCE, AUDIENCE],
      introspectionEndpoint: `${authorizationServer.issuer}/token/introspection`,
      clientId: API.clientId,
      clientSecret: API.secret,
    });
    const jwt = await authorizationServer.token('reports:read', JWT_AUDIENCE);
    const opaque = await authorizationServer.token('reports:read');
    expect([jwt.split('.').length, opaque.split('.').length]).toEqual([3, 1]);
    for (const token of [jwt, opaque]) {
      const accepted = await application.call('/reports', token);
      expect([accepted.status, await accepted.json()]).toEqual([
        200,
        { clientId: 'shop', isOwnerToken: false },
      ]);
    }
    const writer = await authorizationServer.token('reports:write', JWT_AUDIENCE);
    expect((await application.call('/reports', writer)).status).toBe(403);
    const changed = `${jwt.slice(0, -10)}${jwt.endsWith('AAAAAAAAAA') ? 'B' : 'A'.repeat(10)}`;
    expect((await application.call('/reports', changed)).status).toBe(401);
  });

  it('refuses opaque ones where nobody can be asked, and JWTs for another API', async () => {
    await start({ audience: 'https://third.example' });
    const tokens = [
      await authorizationServer.token('reports:read', JWT_AUDIENCE),
      await authorizationServer.token('reports:read'),
    ];
    for (const token of tokens) expect((await application.call('/reports', token)).status).toBe(401);
    const log = application.log.join('\n');
    expect(log).toContain(`audience, expected "https://third.example", found "${JWT_AUDIENCE}"`);
    expect(log).toContain('token_type, expected "a JWT", found "another token"');
  });
});

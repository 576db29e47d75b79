import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { All, Controller, Get } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { Public, RequireAnyScope, RequireScopes } from '@latchkey/resource-server';
import { IntrospectionServer, ISSUER } from './support/introspection-server.js';
import { PLATFORMS, startApplication, type ProtectedApplication } from './support/protected-application.js';

@Controller('things')
@RequireScopes('things:read')
class ThingsController {
  @Get()
  read() {
    return {};
  }

  @Get('more')
  @RequireAnyScope('more:read', 'admin')
  more() {
    return {};
  }

  @Get('plain')
  @Public()
  open() {
    return {};
  }
}

@Controller()
class CatchAllController {
  @All('*')
  everything() {
    return {};
  }
}

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

describe.each(PLATFORMS)('Protected resource metadata (RFC 9728), on %s', (platform) => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;
  let silent: ProtectedApplication;

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    authorizationServer.token('good', { scope: 'other' });
    const introspectionEndpoint = authorizationServer.url;
    const prefixed = (nest: INestApplication) => void nest.setGlobalPrefix('api');
    application = await startApplication(
      [ThingsController, CatchAllController],
      {
        introspectionEndpoint,
        scopeRules: { 'GET /api/things/more': 'rule' },
        resourceMetadata: { resource: 'https://api.example/v1', name: 'Things' },
      },
      prefixed,
      { platform },
    );
    silent = await startApplication([ThingsController], { introspectionEndpoint }, undefined, { platform });
  });

  afterAll(async () => {
    await application.close();
    await silent.close();
    await authorizationServer.stop();
  });

  it('says what the API is, which scopes it knows and who issues its tokens, to everybody', async () => {
    const response = await application.call(`${WELL_KNOWN}/v1`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toEqual({
      resource: 'https://api.example/v1',
      authorization_servers: [ISSUER],
      scopes_supported: ['admin', 'more:read', 'rule', 'things:read'],
      bearer_methods_supported: ['header'],
      resource_name: 'Things',
    });
  });

  it('points there in every challenge', async () => {
    const url = `resource_metadata="https://api.example${WELL_KNOWN}/v1"`;
    for (const token of [undefined, 'unknown', 'good']) {
      const response = await application.call('/api/things', token);
      expect(response.headers.get('www-authenticate')).toContain(url);
    }
  });

  it('opens nothing else', async () => {
    expect((await application.call(WELL_KNOWN)).status).toBe(404);
    expect((await application.call(`/api${WELL_KNOWN}/v1`)).status).toBe(401);
  });

  it('publishes nothing without the option', async () => {
    expect((await silent.call(WELL_KNOWN)).status).toBe(404);
    const response = await silent.call('/things');
    expect(response.headers.get('www-authenticate')).not.toContain('resource_metadata');
  });

  it.each([
    'api',
    'http://api.example',
    'https://api.example?x',
    'https://api.example#x',
    'https://a:b@api.example',
    'https://api.example/:x',
  ])('does not start as %s', async (resource) => {
    const options = { introspectionEndpoint: authorizationServer.url, resourceMetadata: { resource } };
    const start = startApplication([ThingsController], options, undefined, { platform });
    await expect(start).rejects.toThrow('resourceMetadata.resource');
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { All, Controller, Get, Module, Options, Post, Version, VersioningType } from '@nestjs/common';
import type { INestApplication, Type } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { Public, RequireScopes } from '@latchkey/resource-server';
import { IntrospectionServer } from './support/introspection-server.js';
import { PLATFORMS, startApplication, type ProtectedApplication } from './support/protected-application.js';
import { raw } from './support/raw-request.js';

// Controllers of somebody else, as it were: none asks for a scope.

@Controller('reports')
class ReportsController {
  @Get()
  list() {
    return { reports: [] };
  }

  @Get(':id')
  one() {
    return { report: {} };
  }

  @Get(':id/pages/*')
  page() {
    return { page: {} };
  }

  @Post()
  add() {
    return { report: {} };
  }

  @Options()
  options() {
    return {};
  }
}

@Public()
@Controller(['anything', 'whatever'])
class AnythingController {
  @All(['', 'else'])
  all() {
    return { ok: true };
  }
}

@Controller()
class SectionController {
  @Get(':section/summary')
  summary() {
    return { ok: true };
  }

  @Get('free')
  @RequireScopes('free')
  free() {
    return { ok: true };
  }
}

const RULES = {
  'GET /reports/*': 'reports:read',
  'POST /reports': 'reports:read reports:write',
  'DELETE /anything': 'anything:delete',
  'GET /free': 'more',
};

describe.each(PLATFORMS)('Scope rules by route template, on %s', (platform) => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;

  const start = (
    rules: Record<string, string>,
    configure?: (nest: INestApplication) => void,
    imports: (new () => object)[] = [],
    controllers: Type[] = [ReportsController, AnythingController, SectionController],
  ) =>
    startApplication(
      controllers,
      { introspectionEndpoint: authorizationServer.url, scopeRules: rules },
      configure,
      {
        platform,
        imports: [...imports, RouterModule.register([{ path: 'mounted', module: imports[0] ?? class {} }])],
      },
    );

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    authorizationServer.token('plain', { scope: 'other' });
    authorizationServer.token('reader', { scope: 'reports:read' });
    authorizationServer.token('writer', { scope: 'reports:read reports:write' });
    authorizationServer.token('free', { scope: 'free' });
    authorizationServer.token('more', { scope: 'free more' });
    application = await start(RULES);
  });

  afterAll(async () => {
    await application.close();
    await authorizationServer.stop();
  });

  it.each([
    ['GET', '/reports', 'plain', 403],
    ['GET', '/reports', 'reader', 200],
    ['HEAD', '/reports', 'plain', 403],
    ['HEAD', '/reports', 'reader', 200],
    ['GET', '/reports/5', 'plain', 403],
    ['GET', '/reports/5', 'reader', 200],
    ['GET', '/reports/5/pages/a/b', 'plain', 403],
    ['GET', '/reports/5/pages/a/b', 'reader', 200],
    ['POST', '/reports', 'reader', 403],
    ['POST', '/reports', 'writer', 201],
    ['OPTIONS', '/reports', 'plain', 200],
    ['GET', '/free', 'free', 403],
    ['GET', '/free', 'more', 200],
    ['GET', '/free', 'reader', 403],
  ])('%s %s with the token "%s": %i', async (method, path, token, status) => {
    expect(await raw(application, method, path, token)).toBe(status);
  });

  it('names the scopes of the rule in the challenge', async () => {
    const response = await application.call('/reports/5', 'plain');
    expect(response.headers.get('www-authenticate')).toMatch(/"insufficient_scope".* scope="reports:read"/);
  });

  it.each([
    '//reports',
    '/reports//5',
    '/reports/',
    '/reports/5/',
    '/Reports',
    '/REPORTS/5',
    '/%72eports',
    '/reports%2F5',
    '/reports/%2e',
    '/reports/./5',
    '/x/../reports',
    '/reports;x=1',
    '/reports;/5',
    '/reports?x',
    '/reports#x',
    '/reports/%2572',
    '/reports%00',
    '/reports/5%3Fx',
    '/\\reports',
    'http://127.0.0.1/reports',
  ])('%s leads nobody past the rule', async (path) => {
    for (const method of ['GET', 'HEAD', 'POST']) {
      expect(await raw(application, method, path)).toBeGreaterThanOrEqual(400);
      expect([400, 403, 404]).toContain(await raw(application, method, path, 'plain'));
    }
  });

  it('wins over @Public(), for the method that it names alone', async () => {
    for (const path of ['/anything', '/whatever/else']) {
      expect(await raw(application, 'GET', path)).toBe(200);
      expect(await raw(application, 'DELETE', path)).toBe(401);
      expect(await raw(application, 'DELETE', path, 'plain')).toBe(403);
    }
  });

  it('warns of a route that answers some of the paths of a rule and is not covered by it', async () => {
    expect(application.log.filter((line) => line.includes('"GET /reports/*"'))).toEqual([
      expect.stringMatching(/does not cover summary \(\/:section\/summary\)/),
    ]);
    expect(await raw(application, 'GET', '/other/summary', 'plain')).toBe(200);
  });

  it.each(['GET /report/*', 'GET /Reports', 'PUT /reports', 'GET /reports/5/images', 'GET /reports/5/pages'])(
    'does not start with "%s", which covers no route',
    async (rule) => {
      await expect(start({ ...RULES, [rule]: 'x' })).rejects.toThrow(`scope rule "${rule}"`);
    },
  );

  it('compares with global prefix, its exceptions, module path and version', async () => {
    @Controller('things')
    class ThingsController {
      @Get()
      current() {
        return {};
      }

      @Get()
      @Version('2')
      next() {
        return {};
      }
    }
    @Module({ controllers: [ThingsController] })
    class MountedModule {}
    const configure = (nest: INestApplication) => {
      nest.setGlobalPrefix('api', { exclude: ['free'] });
      nest.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
    };
    const complete = {
      'GET /api/v1/reports': 'reports:read',
      'GET /api/v2/mounted/things': 'reports:read',
      'GET /v1/free': 'more',
    };
    const prefixed = await start(complete, configure, [MountedModule]);
    try {
      expect(await raw(prefixed, 'GET', '/api/v1/reports', 'plain')).toBe(403);
      expect(await raw(prefixed, 'GET', '/api/v1/reports', 'reader')).toBe(200);
      expect(await raw(prefixed, 'GET', '/api/v2/mounted/things', 'plain')).toBe(403);
      expect(await raw(prefixed, 'GET', '/api/v2/mounted/things', 'reader')).toBe(200);
      expect(await raw(prefixed, 'GET', '/api/v1/mounted/things', 'plain')).toBe(200);
      expect(await raw(prefixed, 'GET', '/v1/free', 'free')).toBe(403);
    } finally {
      await prefixed.close();
    }
    await expect(start({ 'GET /reports': 'x' }, configure)).rejects.toThrow(/covered by the scope rule/);
    await expect(start({ 'GET /api/v1/free': 'x' }, configure)).rejects.toThrow(/covered by the scope rule/);
  });

  it('covers every version that a header chooses', async () => {
    @Controller('things')
    class ThingsController {
      @Get()
      @Version('1')
      first() {
        return {};
      }

      @Get()
      @Version('2')
      second() {
        return {};
      }
    }
    const configure = (nest: INestApplication) =>
      void nest.enableVersioning({ type: VersioningType.HEADER, header: 'version' });
    const versioned = await start({ 'GET /things': 'reports:read' }, configure, [], [ThingsController]);
    try {
      for (const version of ['1', '2']) {
        const call = async (token: string) =>
          (await versioned.call('/things', token, { headers: { version } })).status;
        expect(await call('plain')).toBe(403);
        expect(await call('reader')).toBe(200);
      }
    } finally {
      await versioned.close();
    }
  });
});

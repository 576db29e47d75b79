import { request as rawRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Post } from '@nestjs/common';
import { CurrentToken, RequireScopes, type AccessToken } from '@latchkey/resource-server';
import { expectRefusal } from './support/expectations.js';
import { IntrospectionServer } from './support/introspection-server.js';
import { startApplication, type ProtectedApplication } from './support/protected-application.js';

@Controller()
class ReportsController {
  @Get('whoami')
  whoAmI(@CurrentToken() token: AccessToken) {
    return { ...token, scopes: token.scopes.toString() };
  }

  @Get('reports')
  @RequireScopes('read')
  read() {
    return { read: true };
  }

  @Post('reports')
  @RequireScopes('read', 'write')
  write() {
    return { written: true };
  }
}

describe('RFC 6750: bearer token usage', () => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    const introspectionEndpoint = `${authorizationServer.url}/introspect`;
    application = await startApplication([ReportsController], { introspectionEndpoint, realm: 'reports' });
    authorizationServer.token('good');
    authorizationServer.token('writer', { scope: 'write read' });
    authorizationServer.token('wider', { scope: 'readwrite read:all' });
    authorizationServer.token('bare', { scope: undefined });
  });

  afterAll(async () => {
    await application.close();
    await authorizationServer.stop();
  });

  const invalid = {
    status: 401,
    error: 'invalid_token',
    challenge: /^Bearer realm="reports", error="invalid_token"/,
  };
  const missing = { status: 401, error: 'invalid_token', challenge: 'Bearer realm="reports"' };
  const twice = {
    status: 400,
    error: 'invalid_request',
    challenge: /^Bearer realm="reports", error="invalid_request"/,
  };

  it.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('accepts the scheme as %s', async (scheme) => {
    const response = await application.call('/reports', undefined, {
      headers: { authorization: `${scheme} good` },
    });
    expect(response.status).toBe(200);
  });

  it('gives the handler the claims, and not the token', async () => {
    const response = await application.call('/whoami', 'good');
    expect(await response.json()).toMatchObject({
      subject: 'alice',
      clientId: 'shop-backend',
      scopes: 'read',
      sessionId: 'session-1',
      isOwnerToken: true,
    });
  });

  it('authenticates with Basic and sends the token in the form', async () => {
    await application.call('/whoami', 'good');
    const asked = authorizationServer.asked.at(-1);
    expect(asked?.authorization).toBe(`Basic ${btoa('api:the-secret')}`);
    expect(asked?.body.toString()).toBe('token=good&token_type_hint=access_token');
  });

  it.each<Record<string, string>>([{}, { authorization: 'Basic YTpi' }, { authorization: 'Token good' }])(
    'answers %j with a challenge that names no error',
    async (headers) => {
      await expectRefusal(await application.call('/reports', undefined, { headers }), missing);
    },
  );

  it.each(['unknown', 'two words', 'ü'.normalize('NFC'), 'a,b', '"good"'])(
    'refuses the token %j',
    async (token) => {
      await expectRefusal(await application.call('/reports', token), invalid);
    },
  );

  it('refuses a token that is too long without asking', async () => {
    const before = authorizationServer.asked.length;
    await expectRefusal(await application.call('/reports', 'a'.repeat(9000)), invalid);
    expect(authorizationServer.asked).toHaveLength(before);
  });

  it('ignores a token in the query and in a form', async () => {
    await expectRefusal(await application.call('/reports?access_token=good'), missing);
    const body = new URLSearchParams({ access_token: 'writer' });
    await expectRefusal(await application.call('/reports', undefined, { method: 'POST', body }), missing);
  });

  it('refuses a token that comes in two ways', async () => {
    await expectRefusal(await application.call('/reports?access_token=good', 'good'), twice);
    const body = new URLSearchParams({ access_token: 'writer' });
    await expectRefusal(await application.call('/reports', 'writer', { method: 'POST', body }), twice);
  });

  it('refuses headers that a proxy joined, though it remembers their token', async () => {
    expect((await application.call('/reports', 'good')).status).toBe(200);
    await expectRefusal(await application.call('/reports', 'good, Bearer good'), twice);
  });

  it('refuses two Authorization headers', async () => {
    const response = await sendTwoHeaders(`${application.url}/reports`);
    expect(response).toEqual({ status: 400, challenge: expect.stringContaining('invalid_request') });
  });

  it.each([
    ['good', '/reports', 'POST', 'read write'],
    ['wider', '/reports', 'GET', 'read'],
    ['bare', '/reports', 'GET', 'read'],
  ])('%s: %s %s needs exactly "%s"', async (token, path, method, scope) => {
    await expectRefusal(await application.call(path, token, { method }), {
      status: 403,
      error: 'insufficient_scope',
      challenge: new RegExp(`error="insufficient_scope", .*scope="${scope}"$`),
    });
  });

  it('allows what the scopes cover', async () => {
    expect((await application.call('/reports', 'writer', { method: 'POST' })).status).toBe(201);
  });

  it('protects HEAD like GET', async () => {
    expect((await application.call('/reports', undefined, { method: 'HEAD' })).status).toBe(401);
  });
});

function sendTwoHeaders(
  url: string,
): Promise<{ status?: number | undefined; challenge?: string | undefined }> {
  return new Promise((resolve, reject) => {
    const request = rawRequest(url, (response) => {
      response.resume();
      resolve({ status: response.statusCode, challenge: response.headers['www-authenticate'] });
    });
    request.setHeader('authorization', ['Bearer good', 'Bearer good']);
    request.on('error', reject).end();
  });
}

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { CurrentToken, RequireOwnerToken, RequireScopes, type AccessToken } from '@latchkey/resource-server';
import { IntrospectionServer } from './support/introspection-server.js';
import { startApplication, type ProtectedApplication } from './support/protected-application.js';

@Controller()
class NotesController {
  @Get()
  read(@CurrentToken() { subject, clientId, username, scopes, expiresAt }: AccessToken) {
    return { subject, clientId, username, scope: scopes.toString(), hasEnd: expiresAt !== null };
  }

  @Get('write')
  @RequireScopes('write')
  write() {
    return {};
  }

  @Get('mine')
  @RequireOwnerToken()
  mine() {
    return {};
  }
}

const USUAL = { subject: 'alice', clientId: 'shop-backend', username: 'alice', scope: 'read', hasEnd: true };
const soon = Math.floor(Date.now() / 1000) + 300;

describe('RFC 7662 section 2.2: what is optional may be missing', () => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;
  let count = 0;

  const token = (changes: Record<string, unknown>): string =>
    authorizationServer.token(`token-${++count}`, changes);

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    application = await startApplication([NotesController], {
      introspectionEndpoint: authorizationServer.url,
    });
  });

  beforeEach(() => {
    application.log.length = 0;
  });

  afterAll(async () => {
    await application.close();
    await authorizationServer.stop();
  });

  it.each<[Record<string, unknown>, Partial<typeof USUAL> | Record<string, unknown>]>([
    [{ exp: undefined }, { hasEnd: false }],
    [{ exp: null }, { hasEnd: false }],
    [{ exp: soon + 0.25, iat: 1.5 }, {}],
    [{ client_id: undefined }, { clientId: null }],
    [
      { client_id: null, sub: null },
      { clientId: null, subject: null },
    ],
    [{ username: '' }, { username: null }],
    [{ username: null, groups: null, jti: null, sid: null, cnf: null, token_type: null }, { username: null }],
    [{ scope: ['read', 'write'] }, { scope: 'read write' }],
    [{ scope: null }, { scope: '' }],
  ])('%j is accepted', async (changes, expected) => {
    const response = await application.call('/', token(changes));
    expect([response.status, await response.json()]).toEqual([200, { ...USUAL, ...expected }]);
  });

  it('scopes of an array count one by one', async () => {
    expect((await application.call('/write', token({ scope: ['read', 'write'] }))).status).toBe(200);
    expect((await application.call('/write', token({ scope: ['read', 'rewrite'] }))).status).toBe(403);
  });

  it('where the client is not named, nobody says that the subject is a resource owner', async () => {
    expect((await application.call('/mine', token({}))).status).toBe(200);
    expect((await application.call('/mine', token({ client_id: undefined }))).status).toBe(403);
    expect(application.log.join()).toContain('expected "a client_id, or the option claims.isOwnerToken"');
  });

  it.each<[string, unknown]>([
    ['exp', 'never'],
    ['iat', true],
    ['client_id', 5],
    ['scope', 'read  write'],
    ['scope', ['read', 5]],
    ['username', 5],
    ['sub', {}],
    ['groups', { 0: 'staff' }],
    ['token_type', ['Bearer']],
  ])('an unusable %s (%j) is 503, and the log names it', async (claim, value) => {
    expect((await application.call('/', token({ [claim]: value }))).status).toBe(503);
    expect(application.log.join()).toContain(`the introspection response has an unusable "${claim}"`);
  });

  it.each(['iss', 'aud'])('what is compared must be there: without %s 503', async (claim) => {
    expect((await application.call('/', token({ [claim]: null }))).status).toBe(503);
    expect(application.log.join()).toContain(`the introspection response has no "${claim}"`);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  Refusals,
  RequireGroups,
  RequireOwner,
  RequireOwnerToken,
  RequireScopes,
  ResourceOwner,
  type RefusalReason,
} from '@latchkey/resource-server';
import { AUDIENCE, IntrospectionServer, ISSUER } from './support/introspection-server.js';
import { PLATFORMS, startApplication, type ProtectedApplication } from './support/protected-application.js';
import { startValidating, type ValidatingApplication } from './support/validating-application.js';

@Controller()
class NotesController {
  @Get()
  read() {
    return { notes: [] };
  }

  @Get('admin')
  @RequireScopes('admin')
  administer() {
    return {};
  }

  @Get('staff')
  @RequireGroups('staff')
  work() {
    return {};
  }

  @Get('users/:sub')
  @RequireOwner('sub')
  user() {
    return {};
  }

  @Get('mine')
  @RequireOwnerToken()
  mine() {
    return {};
  }

  @Get('owner')
  owner(@ResourceOwner() owner: string) {
    return { owner };
  }
}

const past = Math.floor(Date.now() / 1000) - 100;

describe.each(PLATFORMS)('A refused request leaves a line and is counted, on %s', (platform) => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;
  let nest: NestFastifyApplication;

  const refused = () => application.log.filter((line) => line.startsWith('Refused'));

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    application = await startApplication(
      [NotesController],
      { introspectionEndpoint: authorizationServer.url },
      (created) => (nest = created),
      { platform },
    );
  });

  beforeEach(() => {
    application.log.length = 0;
  });

  afterAll(async () => {
    await application.close();
    await authorizationServer.stop();
  });

  it.each<[RefusalReason, number, string, Record<string, unknown>, string, string]>([
    ['inactive', 401, '/', { active: false }, 'read', ''],
    ['issuer', 401, '/', { iss: `${ISSUER}/` }, 'read', `, expected "${ISSUER}", found "${ISSUER}/"`],
    ['audience', 401, '/', { aud: `${AUDIENCE}/` }, 'read', `, expected "${AUDIENCE}", found "${AUDIENCE}/"`],
    ['audience', 401, '/', { aud: ['a', 'b'] }, 'read', `, expected "${AUDIENCE}", found "a" "b"`],
    ['expired', 401, '/', { exp: past }, 'read', `found "${new Date(past * 1000).toISOString()}"`],
    ['token_type', 401, '/', { token_type: 'DPoP' }, 'read', ', expected "Bearer", found "DPoP"'],
    ['key_bound', 401, '/', { cnf: { jkt: 'x' } }, 'read', ''],
    ['scope', 403, '/admin', {}, 'administer', ', expected "admin", found "read"'],
    ['group', 403, '/staff', { groups: ['guests'] }, 'work', ', expected "staff", found "guests"'],
    ['owner', 403, '/users/bob', {}, 'user', ', expected "the owner in the path"'],
    ['owner_token', 403, '/mine', { sub: 'shop-backend' }, 'mine', ''],
    ['owner_token', 403, '/owner', { sub: 'shop-backend' }, '', ''],
  ])('%s: %i at %s with %j', async (reason, status, path, claims, handler, values) => {
    const token = authorizationServer.token(`a-token-${JSON.stringify(claims).replace(/\W/g, '-')}`, claims);
    const before = nest.get(Refusals).counts[reason];
    expect((await application.call(path, token)).status).toBe(status);
    const place = handler === '' ? 'a handler' : `NotesController.${handler}`;
    expect(refused()).toEqual([expect.stringContaining(`Refused with ${status} at ${place}: ${reason}`)]);
    expect(refused()[0]).toContain(values);
    expect(nest.get(Refusals).counts[reason]).toBe(before + 1);
    expect(application.log.join('\n')).not.toContain(token);
  });

  it.each<[RefusalReason, number, Record<string, string>]>([
    ['no_token', 401, {}],
    ['malformed', 401, { authorization: 'Bearer a "token"' }],
    ['too_long', 401, { authorization: `Bearer ${'a'.repeat(9000)}` }],
    ['several_tokens', 400, { authorization: 'Bearer a, Bearer b' }],
  ])('%s: %i', async (reason, status, headers) => {
    const before = nest.get(Refusals).counts[reason];
    expect((await application.call('/', undefined, { headers })).status).toBe(status);
    expect(refused()).toEqual([
      expect.stringMatching(new RegExp(`^Refused with ${status} at NotesController.read: ${reason} `)),
    ]);
    expect(nest.get(Refusals).counts[reason]).toBe(before + 1);
  });

  it('an authorization server that cannot be asked is counted, and logged as an error', async () => {
    authorizationServer.misbehave((response) => response.writeHead(500).end());
    expect((await application.call('/', 'token')).status).toBe(503);
    authorizationServer.misbehave(null);
    expect(refused()).toEqual([]);
    expect(application.log.join('\n')).toContain('the introspection endpoint answered 500');
    expect(nest.get(Refusals).counts.unavailable).toBe(1);
  });

  it('when all tokens have the wrong audience, the log warns once, with both values', async () => {
    authorizationServer.token('good');
    authorizationServer.token('elsewhere', { aud: `${AUDIENCE}/v2` });
    expect((await application.call('/', 'good')).status).toBe(200);
    for (let times = 0; times < 12; times++) {
      expect((await application.call('/', 'elsewhere')).status).toBe(401);
    }
    const warnings = application.log.filter((line) => line.startsWith('All of'));
    expect(warnings).toEqual([
      expect.stringContaining(`audience, expected "${AUDIENCE}", found "${AUDIENCE}/v2". Compare the option`),
    ]);
  });
});

describe('A token that is validated here and refused leaves a line', () => {
  let validating: ValidatingApplication;

  beforeAll(async () => {
    validating = await startValidating([NotesController]);
  });

  beforeEach(() => {
    validating.application.log.length = 0;
  });

  afterAll(() => validating.stop());

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['issuer, expected "https://as.example", found "https://as.example/"', { iss: `${ISSUER}/` }, {}],
    ['audience, expected "https://api.example", found "a" "b"', { aud: ['a', 'b'] }, {}],
    [`expired, expected "later than`, { exp: past }, {}],
    ['not_yet_valid, expected "earlier than', { nbf: 4_000_000_000 }, {}],
    ['token_type, expected "at+jwt", found "JWT"', {}, { typ: 'JWT' }],
    ['claims, expected "a usable \\"client_id\\"", found none', { client_id: undefined }, {}],
    ['claims, found "has an unusable \\"scope\\""', { scope: 5 }, {}],
    ['key_bound', { cnf: { jkt: 'x' } }, {}],
  ])('%s', async (line, claims, header) => {
    const { application, issuer } = validating;
    const token = await issuer.sign(claims, { header });
    expect((await application.call('/', token)).status).toBe(401);
    expect(application.log).toEqual([expect.stringContaining(`at NotesController.read: ${line}`)]);
    for (const part of token.split('.')) expect(application.log[0]).not.toContain(part);
    // What is remembered of it has the same reason.
    expect((await application.call('/', token)).status).toBe(401);
    expect(application.log[1]).toBe(application.log[0]);
  });

  it('signature, and a token that the feed has ended', async () => {
    const { application, feed, issuer } = validating;
    const token = await issuer.sign({ sid: 'ended' });
    expect((await application.call('/', `${token.slice(0, -4)}AAAA`)).status).toBe(401);
    expect((await application.call('/', token)).status).toBe(200);
    feed.revoke({ sid: 'ended' });
    let status = 200;
    while (status === 200) ({ status } = await application.call('/', token));
    expect(application.log.filter((line) => line.startsWith('Refused'))).toEqual([
      'Refused with 401 at NotesController.read: signature ResourceServer',
      'Refused with 401 at NotesController.read: revoked ResourceServer',
    ]);
  });
});

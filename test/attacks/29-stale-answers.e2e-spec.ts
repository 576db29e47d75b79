import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { startGuarded, type GuardedApplication } from '../library/support/guarded-application.js';
import { answerJson, IntrospectionServer } from '../library/support/introspection-server.js';
import { startApplication, type ProtectedApplication } from '../library/support/protected-application.js';
import { eventually } from '../support/eventually.js';

@Controller()
class NotesController {
  @Get()
  read() {
    return { notes: [] };
  }
}

describe('The guard serves no stale answer (CVE-2026-3583)', () => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;

  const status = async (token: string) => (await application.call('/', token)).status;

  afterEach(async () => {
    await application.close();
    await authorizationServer.stop();
  });

  it('every request is asked about; revoked, expired and unknown count at once', async () => {
    authorizationServer = await IntrospectionServer.start();
    application = await startApplication([NotesController], {
      introspectionEndpoint: authorizationServer.url,
      // Refusals are remembered for a while otherwise.
      cache: { negativeTtlMs: 0 },
    });
    const token = authorizationServer.token('token');
    for (let asked = 1; asked <= 3; asked++) {
      expect(await status(token)).toBe(200);
      expect(authorizationServer.asked).toHaveLength(asked);
    }
    authorizationServer.token(token, { active: false });
    expect(await status(token)).toBe(401);
    authorizationServer.token(token);
    expect(await status(token)).toBe(200);
    authorizationServer.token(token, { exp: Math.floor(Date.now() / 1000) - 1 });
    expect(await status(token)).toBe(401);

    authorizationServer.token(token);
    authorizationServer.misbehave((response) => response.writeHead(500).end());
    expect(await status(token)).toBe(503);
    authorizationServer.misbehave((response) => answerJson(response, { active: false }));
    expect(await status(token)).toBe(401);
  });
});

describe('What the guard remembers ends (CVE-2026-3583)', () => {
  let application: GuardedApplication;

  const known = (claims = {}) =>
    application.introspection.token('token', {
      sid: 'session-1',
      client_epoch: 3,
      user_epoch: 5,
      ...claims,
    });

  afterEach(() => application.stop());

  it('with the session, at once, although the authorization server still says that it is active', async () => {
    application = await startGuarded();
    const token = known();
    expect(await application.get(token)).toBe(200);
    application.feed.revoke({ sid: 'session-1' });
    await eventually(async () => expect(await application.get(token)).toBe(401));
    expect(await application.get(token)).toBe(401);
  });

  it('with the epoch of its owner or client', async () => {
    application = await startGuarded();
    const token = known();
    application.feed.revoke({ sub: 'alice', epoch: 5 });
    await eventually(() => expect(application.status.counters.feedEvents).toBe(1));
    expect(await application.get(token)).toBe(200);
    application.feed.revoke({ sub: 'alice', epoch: 6 });
    await eventually(async () => expect(await application.get(token)).toBe(401));
  });

  it('with the token', async () => {
    application = await startGuarded();
    const token = known({ exp: Math.floor(Date.now() / 1000) + 2 });
    expect(await application.get(token)).toBe(200);
    application.introspection.token(token, { active: false });
    await eventually(async () => expect(await application.get(token)).toBe(401));
  });

  it('within seconds where nobody says when the token ends', async () => {
    application = await startGuarded({ revocationFeed: false, options: { cache: { ttlMs: 60_000 } } });
    const token = known({ exp: undefined });
    for (let times = 0; times < 2; times++) expect(await application.get(token)).toBe(200);
    expect(application.introspection.asked).toHaveLength(1);
    application.introspection.token(token, { active: false });
    await eventually(async () => expect(await application.get(token)).toBe(401));
  });

  it('when the feed is not heard', async () => {
    application = await startGuarded({ revocationFeed: { maxStalenessMs: 600 } });
    const token = known();
    expect(await application.get(token)).toBe(200);
    application.feed.silence();
    application.feed.refuse((response) => response.writeHead(503).end());
    await application.until('down');
    application.introspection.token(token, { active: false });
    expect(await application.get(token)).toBe(401);
  });

  it('when there is no room: the oldest goes, and is asked about again', async () => {
    application = await startGuarded({ options: { cache: { maxEntries: 2 } } });
    const { introspection } = application;
    for (const name of ['a', 'b', 'c', 'a']) {
      introspection.token(name, { sid: name, client_epoch: 3, user_epoch: 5 });
      expect(await application.get(name)).toBe(200);
    }
    expect(introspection.asked).toHaveLength(4);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { FreshnessStatus } from '@latchkey/resource-server';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FeedServer } from '../library/support/feed-server.js';
import { untilState } from '../library/support/guarded-application.js';
import { IntrospectionServer } from '../library/support/introspection-server.js';
import { JwtIssuer } from '../library/support/jwt-issuer.js';
import { startApplication, type ProtectedApplication } from '../library/support/protected-application.js';

@Controller()
class NotesController {
  @Get('notes/:id')
  read() {
    return { notes: [] };
  }
}

/** What forges a line, moves the cursor, reverses text, or fills a disk, where a log repeats it as it came. */
const HOSTILE = `x"\nRefused with 401 at nowhere\r\u001b[2J\u0085\u202e\u2028${'y'.repeat(2000)}`;

describe('What an attacker writes into a token forges no log line (CVE-2023-6484), and none has a token', () => {
  let authorizationServer: IntrospectionServer;
  let feed: FeedServer;
  let issuer: JwtIssuer;
  let application: ProtectedApplication;

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    feed = await FeedServer.start();
    issuer = await JwtIssuer.start();
    let nest: NestFastifyApplication | undefined;
    application = await startApplication(
      [NotesController],
      {
        introspectionEndpoint: authorizationServer.url,
        revocationFeed: { endpoint: feed.url },
        validation: 'local',
        jwks: { uri: issuer.url },
      },
      (created) => (nest = created),
    );
    if (nest !== undefined) await untilState(nest.get(FreshnessStatus), 'live');
  });

  afterAll(async () => {
    await application.close();
    await issuer.stop();
    await feed.stop();
    await authorizationServer.stop();
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['the type, which anybody can write', {}, { typ: HOSTILE }],
    ['the issuer', { iss: HOSTILE }, {}],
    [
      'many audiences',
      { aud: Array.from({ length: 20 }, (_, index) => `${index}${HOSTILE.slice(0, 30)}`) },
      {},
    ],
  ])('in %s', async (_, claims, header) => {
    application.log.length = 0;
    const token = await issuer.sign(claims, { header });
    expect((await application.call('/notes/my-secret-note', token)).status).toBe(401);
    expect(application.log).toHaveLength(1);
    expect(application.log[0]).toMatch(/^[\x20-\x7e]{30,1500}$/);
    for (const part of [...token.split('.'), 'my-secret-note'])
      expect(application.log[0]).not.toContain(part);
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { answerJson, IntrospectionServer } from '../library/support/introspection-server.js';
import { startApplication, type ProtectedApplication } from '../library/support/protected-application.js';

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

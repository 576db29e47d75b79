import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { answerJson, IntrospectionServer, type Answer } from '../library/support/introspection-server.js';
import { startApplication, type ProtectedApplication } from '../library/support/protected-application.js';

@Controller()
class NotesController {
  @Get()
  read() {
    return { notes: [] };
  }
}

const ACTIVE = {
  active: true,
  sub: 'alice',
  client_id: 'shop-backend',
  scope: 'read',
  exp: 4_000_000_000,
  iss: 'https://as.example',
  aud: 'https://api.example',
};

const json =
  (changes: Record<string, unknown>, status = 200, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify({ ...ACTIVE, ...changes }));

const ANSWERS: [string, Answer][] = [
  ['nothing at all', () => undefined],
  ['a broken connection', (response) => response.destroy()],
  ['500 with a good answer', json({}, 500)],
  ['503 with a good answer', json({}, 503)],
  ['401', json({}, 401)],
  ['a redirect to a good answer', json({}, 307, { location: '/good' })],
  [
    'HTML',
    (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>'),
  ],
  [
    'HTML that is called JSON',
    (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('<html>Sign in</html>'),
  ],
  ['active in words', json({ active: 'true' })],
  ['inactive in words', json({ active: 'false' })],
  ['no active', json({ active: undefined })],
  ['no iss', json({ iss: undefined })],
  ['no aud', json({ aud: null })],
  ['an exp in words', json({ exp: 'never' })],
  ['a huge body', json({ padding: 'x'.repeat(1024 * 1024) })],
  ['an array', (response) => answerJson(response, [ACTIVE])],
];

describe('The guard fails closed, and asks once', () => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    application = await startApplication([NotesController], {
      introspectionEndpoint: authorizationServer.url,
      timeoutMs: 500,
      circuitBreaker: { failureThreshold: 1_000_000 },
    });
  });

  afterAll(async () => {
    await application.close();
    await authorizationServer.stop();
  });

  it.each(ANSWERS)('%s is a 503 that can be retried', async (what, answer) => {
    authorizationServer.misbehave(answer);
    const asked = authorizationServer.asked.length;
    const response = await application.call('/', 'token');
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    // A kept-alive connection may have been closed before the server saw the request: then once more.
    const most = what === 'a broken connection' ? 2 : 1;
    expect(authorizationServer.asked.length - asked).toBeGreaterThanOrEqual(1);
    expect(authorizationServer.asked.length - asked).toBeLessThanOrEqual(most);
  });

  it('serves again as soon as the answers are sound', async () => {
    authorizationServer.misbehave(json({}));
    expect((await application.call('/', 'token')).status).toBe(200);
  });
});

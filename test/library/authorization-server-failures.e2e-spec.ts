import { createServer, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { answerJson, IntrospectionServer, type Answer } from './support/introspection-server.js';
import { startApplication, type ProtectedApplication } from './support/protected-application.js';

const TIMEOUT_MS = 300;

@Controller()
class SecretsController {
  @Get()
  read() {
    return { secret: true };
  }
}

const active = {
  active: true,
  sub: 'alice',
  client_id: 'shop-backend',
  scope: 'read',
  exp: 4_000_000_000,
  iss: 'https://as.example',
  aud: 'https://api.example',
};
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(active));
const body =
  (text: string, type = 'application/json'): Answer =>
  (response) =>
    response.writeHead(200, { 'content-type': type }).end(text);

const FAILURES: Record<string, Answer> = {
  'hangs before it answers': () => undefined,
  'hangs in the middle of the body': (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"active": true,');
  },
  drips: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const drip = setInterval(() => response.write(' '), 50);
    response.on('close', () => clearInterval(drip));
  },
  'is slower than the time-out': (response) =>
    void setTimeout(() => answerJson(response, active), TIMEOUT_MS * 2),
  'closes the connection': (response) => response.destroy(),
  'closes the connection in the middle of the body': (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
    response.write('{"active": true', () => response.destroy());
  },
  'answers 500': status(500),
  'answers 502': status(502),
  'answers 503': status(503),
  'answers 429': status(429),
  'answers 404': status(404),
  'answers 400': status(400),
  'answers 401': status(401, { 'www-authenticate': 'Basic realm="as"' }),
  'answers 403': status(403),
  'answers 201': status(201),
  'answers 204': (response) => response.writeHead(204).end(),
  'redirects with 302': status(302, { location: '/elsewhere' }),
  'redirects with 307': status(307, { location: '/elsewhere' }),
  'answers with HTML': body('<html>Sign in</html>', 'text/html'),
  'answers with HTML that it calls JSON': body('<html>Sign in</html>'),
  'answers with JSON that it calls HTML': body(JSON.stringify(active), 'text/html'),
  'answers with nothing': body(''),
  'answers with a huge body': body(JSON.stringify({ ...active, padding: 'x'.repeat(100_000) })),
  'answers with an endless body': (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const pour = () => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
    };
    response.on('drain', pour);
    pour();
  },
  'answers with null': body('null'),
  'answers with an array': body(`[${JSON.stringify(active)}]`),
  'answers with two objects': body(JSON.stringify(active).repeat(2)),
  'calls a token active in words': body(JSON.stringify({ ...active, active: 'true' })),
  'calls a token inactive in words': body(JSON.stringify({ ...active, active: 'false' })),
  'says nothing of active': body(JSON.stringify({ ...active, active: undefined })),
  'gives exp as text': body(JSON.stringify({ ...active, exp: '4000000000' })),
  'says nothing of iss': body(JSON.stringify({ ...active, iss: undefined })),
  'says nothing of aud': body(JSON.stringify({ ...active, aud: undefined })),
};

/** How often a look-up asks. A kept-alive connection may have been closed before the server saw the request: once more. */
const AT_MOST: Record<string, number> = { 'closes the connection': 2 };

const INVALID: Record<string, Record<string, unknown>> = {
  'is inactive': { active: false },
  'has expired': { exp: 1 },
  'was issued by somebody else': { iss: 'https://other.example' },
  'was issued by a name that only starts the same': { iss: 'https://as.example.evil' },
  'is for another API': { aud: 'https://other.example' },
  'is for other APIs': { aud: ['https://other.example', 'https://api.example/v2'] },
  'is no bearer token': { token_type: 'DPoP' },
};

describe('What the authorization server answers', () => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    application = await startApplication([SecretsController], {
      introspectionEndpoint: `${authorizationServer.url}/introspect`,
      timeoutMs: TIMEOUT_MS,
      // Each failure here is looked at alone; what many in a row do has a test of its own.
      circuitBreaker: { failureThreshold: 1_000_000 },
      // Each request of the same token asks.
      cache: { negativeTtlMs: 0 },
    });
  });

  afterEach(() => authorizationServer.misbehave(null));

  afterAll(async () => {
    await application.close();
    await authorizationServer.stop();
  });

  it.each(Object.entries(FAILURES))('503 when it %s', async (what, answer) => {
    authorizationServer.misbehave(answer);
    const asked = authorizationServer.asked.length;
    const started = Date.now();
    await expectUnavailable(application);
    expect(Date.now() - started).toBeLessThan(TIMEOUT_MS + 1000);
    expect(authorizationServer.asked.length - asked).toBeGreaterThanOrEqual(1);
    expect(authorizationServer.asked.length - asked).toBeLessThanOrEqual(AT_MOST[what] ?? 1);
  });

  it.each(Object.entries(INVALID))('401 when the token %s', async (_, changes) => {
    authorizationServer.misbehave((response) => answerJson(response, { ...active, ...changes }));
    const response = await application.call('/', 'the-token');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('serves again as soon as the authorization server does', async () => {
    authorizationServer.misbehave((response) => response.destroy());
    await expectUnavailable(application);
    authorizationServer.misbehave(null);
    authorizationServer.token('the-token');
    expect((await application.call('/', 'the-token')).status).toBe(200);
  });

  it('keeps connections and shares them', async () => {
    authorizationServer.token('the-token');
    await application.call('/', 'the-token');
    const before = authorizationServer.sockets.size;
    for (let i = 0; i < 20; i++) expect((await application.call('/', 'the-token')).status).toBe(200);
    expect(authorizationServer.sockets.size).toBeLessThanOrEqual(before + 1);
  });

  it('tells the log what happened, and neither log nor client a secret', () => {
    expect(application.log.join('\n')).toContain('the introspection endpoint answered 502');
    expect(application.log.join('\n')).not.toMatch(/the-token|the-secret|dGhlLXNlY3JldA|Sign in/);
  });
});

describe('An authorization server that is not there', () => {
  it('503 at once when the connection is refused', async () => {
    const application = await startApplication([SecretsController], {
      introspectionEndpoint: `http://127.0.0.1:${await unusedPort()}/`,
      timeoutMs: TIMEOUT_MS,
    });
    await expectUnavailable(application);
    await application.close();
  });
});

async function expectUnavailable(application: ProtectedApplication): Promise<void> {
  const response = await application.call('/', 'the-token');
  expect(response.status).toBe(503);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(response.headers.get('www-authenticate')).toBeNull();
  expect(await response.json()).toEqual({
    error: 'temporarily_unavailable',
    error_description: 'The access token cannot be checked at the moment',
  });
}

function unusedPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

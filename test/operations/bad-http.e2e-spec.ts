import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { send } from '../support/http.js';
import { exchange, parseAnswer, RawConnection } from '../support/raw-http.js';
import { startStack, type Stack } from '../support/stack.js';

/** What is not HTTP, too large or too slow is answered in the form of all errors, by both servers. */
describe('Requests that are none', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack('sqlite', { resourceServer: true, environment: { REQUEST_TIMEOUT: '1' } });
  });

  afterAll(() => stack.stop());

  const expectRefusal = (text: string, status: number): void => {
    const answer = parseAnswer(text);
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject({ error: 'invalid_request', error_description: expect.any(String) });
    expect(answer.head).toContain('cache-control: no-store');
    expect(answer.head).toContain('content-type: application/json');
  };

  const servers: [string, () => string][] = [
    ['authorization server', () => stack.issuer],
    ['resource server', () => new URL(stack.resources).origin],
  ];

  describe.each(servers)('%s', (_, url) => {
    it.each([
      ['noise', 'hello there\r\n\r\n'],
      ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
      ['a bad header', 'GET /health/live HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n'],
      [
        'two lengths',
        'POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      ],
      ['no host', 'GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ])('answers 400 to %s', async (_name, request) => {
      expectRefusal(await exchange(url(), request), 400);
    });

    it('answers 431 to a header that is too large', async () => {
      const long = 'a'.repeat(20_000);
      expectRefusal(await exchange(url(), `GET / HTTP/1.1\r\nHost: x\r\nCookie: ${long}\r\n\r\n`), 431);
    });

    it('answers 413 to a body that is too large, whatever length it claims', async () => {
      const head =
        'POST /resources HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n';
      const answer = await exchange(url(), `${head}Content-Length: 70000\r\n\r\n${' '.repeat(70_000)}`);
      expect([413, 401, 404]).toContain(parseAnswer(answer).status);
    });
  });

  it('answers 413 to a token request that is too large', async () => {
    const head =
      'POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n';
    const chunk = `${(70_000).toString(16)}\r\n${'a'.repeat(70_000)}\r\n0\r\n\r\n`;
    const connection = await RawConnection.open(stack.issuer);
    connection.send(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk}`);
    await connection.receives('}');
    connection.socket.destroy();
    expectRefusal(connection.received, 413);
  });

  it('answers 408 to a header that comes drop by drop, and to a body that does not come', async () => {
    const [header, body] = await Promise.all([
      exchange(stack.issuer, 'GET /health/live HTTP/1.1\r\nHost: x\r\nX-'),
      exchange(
        stack.issuer,
        'POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\ngrant',
      ),
    ]);
    expectRefusal(header, 408);
    expectRefusal(body, 408);
  });

  it('stays available while hundreds of clients send nothing but a drop now and then', async () => {
    const slow = await Promise.all(Array.from({ length: 300 }, () => RawConnection.open(stack.issuer)));
    const drip = setInterval(() => slow.forEach(({ socket }) => socket.writable && socket.write('a')), 100);
    for (const connection of slow) connection.send('GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    expect((await send(`${stack.issuer}/health/ready`)).status).toBe(200);
    for (const text of await Promise.all(slow.map((connection) => connection.closed()))) {
      expect(text).toContain(' 408 ');
    }
    clearInterval(drip);
    expect((await send(`${stack.issuer}/health/ready`)).status).toBe(200);
  });
});

describe('Connections', () => {
  it('beyond MAX_CONNECTIONS are closed at once', async () => {
    const stack = await startStack('sqlite', { environment: { MAX_CONNECTIONS: '2' } });
    const request = ['GET /health/live HTTP/1.1', 'Host: x', '', ''];
    const first = await RawConnection.open(stack.issuer);
    const second = await RawConnection.open(stack.issuer);
    for (const connection of [first, second]) await connection.send(...request).receives('"ok"');
    const third = await RawConnection.open(stack.issuer);
    expect(await third.send(...request).closed()).toBe('');
    first.socket.destroy();
    second.socket.destroy();
    await stack.stop();
  });
});

describe('Every answer', () => {
  it('tells a browser to make nothing of it, refusals included', async () => {
    const stack = await startStack('sqlite', {
      resourceServer: true,
      environment: { TRUST_PROXY: 'loopback' },
    });
    for (const path of ['/health/live', '/oauth/jwks', '/oauth/token', '/nowhere', '/%E0%A4%A']) {
      const { headers } = await send(`${stack.issuer}${path}`);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      });
      expect(headers).not.toHaveProperty('strict-transport-security');
    }
    expect((await send(stack.resources)).headers).toMatchObject({ 'x-content-type-options': 'nosniff' });
    const forwarded = { headers: { 'x-forwarded-proto': 'https' } };
    expect((await send(`${stack.issuer}/health/live`, forwarded)).headers).toMatchObject({
      'strict-transport-security': 'max-age=31536000',
    });
    await stack.stop();
  });
});

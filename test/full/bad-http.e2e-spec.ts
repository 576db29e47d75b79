import { METHODS } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { send } from '../support/http.js';
import { exchange, parseAnswer, RawConnection } from '../support/raw-http.js';
import { routesOf } from '../support/routes.js';
import { startStack, type Stack } from '../support/stack.js';

/** Those with a route on some path. Node.js does not hand on CONNECT as a request. */
const SERVED = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE']);
const BODIES = new Set(['DELETE', 'PATCH', 'POST', 'PUT']);

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

  const servers: [string, () => string, () => NestFastifyApplication][] = [
    ['authorization server', () => stack.issuer, () => stack.application],
    ['resource server', () => new URL(stack.resources).origin, () => stack.resourceServer!],
  ];

  describe.each(servers)('%s', (_, url, application) => {
    it.each([
      ['noise', 'hello there\r\n\r\n'],
      ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
      ['a bad header', 'GET /health/live HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n'],
      [
        'two lengths',
        'POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      ],
      ['no host', 'GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n'],
      ['no host, of a path that leads nowhere', 'GET /x HTTP/1.1\r\nConnection: close\r\n\r\n'],
      ['no host, with another method', 'DELETE /health/live HTTP/1.1\r\nConnection: close\r\n\r\n'],
      ['two hosts in HTTP/1.0', 'GET /health/live HTTP/1.0\r\nHost: x\r\nHost: x\r\n\r\n'],
    ])('answers 400 to %s', async (_name, request) => {
      expectRefusal(await exchange(url(), request), 400);
    });

    it.each([
      ['two, the same', ['x', 'x']],
      ['two', ['x', 'y']],
      ['none', ['']],
      ['a list', ['x, y']],
      ['a user', ['user@x']],
      ['a path', ['x/y']],
      ['a scheme', ['http://x']],
      ['a space', ['x y']],
      ['a broken escape', ['%zz']],
      ['a port that is none', ['x:http']],
      ['two ports', ['x:1:2']],
      ['an IPv6 address without brackets', ['2001:db8::1']],
      ['something else in brackets', ['[x]']],
      ['half an IPv6 address', ['[2001:db8:1]']],
      ['other characters', ['\u00e9']],
    ])('answers 400 to a host that is %s', async (_name, hosts) => {
      const lines = hosts.map((host) => `hOst: ${host}\r\n`).join('');
      const request = `GET /health/live HTTP/1.1\r\n${lines}Connection: close\r\n\r\n`;
      expectRefusal(await exchange(url(), request), 400);
    });

    it.each(['x', 'x:', 'x:80', 'a-b_c.example.com.', '127.0.0.1:1', '[2001:db8::1]', '[::1]:3000', '%41'])(
      'answers 200 to the host %s',
      async (host) => {
        const request = `GET /health/live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
        expect(parseAnswer(await exchange(url(), request)).status).toBe(200);
      },
    );

    it('answers 405 to every other method that Node.js knows, on a path that is there', async () => {
      const ask = async (method: string, path: string) =>
        parseAnswer(
          await exchange(url(), `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
        );
      for (const method of METHODS.filter((name) => !SERVED.has(name))) {
        const { status, head } = await ask(method, '/health/live?x');
        expect({ method, status }).toEqual({ method, status: 405 });
        expect(head).toContain('allow: get, head\r\n');
      }
      expect((await ask('PROPFIND', '/nowhere')).status).toBe(404);
    });

    it.each(['FOO /health/live', 'get /health/live', 'CONNECT x:80'])(
      'answers 501 to %s, which it knows on no path',
      async (line) => {
        expectRefusal(await exchange(url(), `${line} HTTP/1.1\r\nHost: x\r\n\r\n`), 501);
      },
    );

    it('minds no type of a body that is not there', async () => {
      const routes = routesOf(application());
      const types = ['application/json', 'text/plain', 'application/x-www-form-urlencoded'];
      for (const { method, path } of routes.filter((route) => BODIES.has(route.method))) {
        const ask = (headers: Record<string, string>) => send(`${url()}${path}`, { method, headers });
        const { status, json } = await ask({});
        for (const type of types) {
          const answer = await ask({ 'content-type': type });
          expect({ method, path, type, status: answer.status, json: answer.json }).toEqual({
            method,
            path,
            type,
            status,
            json,
          });
        }
      }
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
  it('beyond MAX_CONNECTIONS take the place of the one that has been idle longest', async () => {
    const stack = await startStack('sqlite', { environment: { MAX_CONNECTIONS: '2' } });
    const request = ['GET /health/live HTTP/1.1', 'Host: x', '', ''];
    const [first, second, third] = [
      await RawConnection.open(stack.issuer),
      await RawConnection.open(stack.issuer),
      await RawConnection.open(stack.issuer),
    ];
    expect(await first.closed()).toBe('');
    for (const connection of [second, third]) await connection.send(...request).receives('"ok"');
    const fourth = await RawConnection.open(stack.issuer);
    await second.closed();
    for (const connection of [third, fourth]) {
      connection.received = '';
      await connection.send(...request).receives('"ok"');
      connection.socket.destroy();
    }
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

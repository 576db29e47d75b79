import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ALICE } from '../support/builders.js';
import { addAddress } from '../support/email-codes.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import type { Answer } from '../support/http.js';
import { account, withAccounts } from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';

const ADDRESS = 'alice@mail.example.com';
const SECRET = 'canary-4711-webhook-secret-0123456789';
const DEADLINE = 1000;

interface Received {
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const PEM = new URL('../support/tls/', import.meta.url);

describe('A webhook for messages', () => {
  const received: Received[] = [];
  let program: Server | null = null;
  let stack: Stack | null = null;

  afterEach(async () => {
    await stack?.stop();
    program?.closeAllConnections();
    program?.close();
    [stack, program] = [null, null];
    received.length = 0;
  });

  /** @param answer of the program that sends the messages */
  const start = async (
    answer: (response: ServerResponse, request: Received) => void,
    scheme: 'http' | 'https' = 'http',
  ): Promise<Stack> => {
    const handle = (request: IncomingMessage, response: ServerResponse): void => {
      void text(request).then((body) => {
        const { url, headers } = request;
        received.push({ url, headers, body });
        answer(response, { url, headers, body });
      });
    };
    const pair = {
      key: readFileSync(new URL('first-key.pem', PEM)),
      cert: readFileSync(new URL('first-cert.pem', PEM)),
    };
    program = scheme === 'http' ? createServer(handle) : createHttpsServer(pair, handle);
    await once(program.listen(0, '127.0.0.1'), 'listening');
    const { port } = program.address() as AddressInfo;
    stack = await startStack('sqlite', {
      configuration: withAccounts(),
      environment: {
        EMAIL_DEADLINE_MS: String(DEADLINE),
        EMAIL_WEBHOOK_URL: `${scheme}://127.0.0.1:${port}/messages`,
        EMAIL_WEBHOOK_SECRET: SECRET,
      },
    });
    return stack;
  };

  const add = async (server: Stack): Promise<{ token: string; answer: Answer }> => {
    const { access_token: token } = expectTokens(await server.login(ALICE, { scope: 'account' }));
    return { token, answer: await addAddress(server, token, ADDRESS) };
  };

  const expectNotSent = async (server: Stack, reason: RegExp): Promise<void> => {
    const begun = performance.now();
    const { answer } = await add(server);
    expect(performance.now() - begun).toBeLessThan(DEADLINE + 1000);
    expectOAuthError(answer, 503, 'temporarily_unavailable');
    const log = server.log.join('\n');
    expect(log).toMatch(reason);
    for (const secret of [ADDRESS, SECRET, 'is your code']) expect(log).not.toContain(secret);
  };

  it('gets a signed message, whose code is right', async () => {
    const server = await start((response) => response.writeHead(204).end());
    const { token, answer } = await add(server);
    expect(answer.status).toBe(201);
    const [request] = received;
    const { headers, body = '', url } = request ?? {};
    expect(url).toBe('/messages');
    expect(headers?.['content-type']).toBe('application/json');
    const timestamp = String(headers?.['latchkey-timestamp']);
    expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60);
    const digest = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex');
    expect(headers?.['latchkey-signature']).toBe(`v1=${digest}`);
    const message = JSON.parse(body) as { code: string };
    expect(message).toEqual({
      type: 'address_code',
      to: ADDRESS,
      code: expect.stringMatching(/^\d{8}$/),
      expires_in: 600,
      subject: expect.stringMatching(/^Your code to confirm this address at 127\.0\.0\.1:\d+$/),
      text: expect.stringContaining(message.code),
    });
    const { id } = answer.json as { id: string };
    const confirmed = await account(server, 'POST', `/factors/${id}/confirm`, token, { code: message.code });
    expect(confirmed.status).toBe(200);
    expect(body).not.toContain(SECRET);
  });

  it.each([200, 202, 299])('has sent the message when it answers %i, whatever follows', async (status) => {
    const server = await start((response) => {
      // A body without an end.
      response.writeHead(status).write('x'.repeat(1e6));
    });
    expect((await add(server)).answer.status).toBe(201);
  });

  it.each([300, 400, 401, 404, 429, 500, 503])('has not when it answers %i', async (status) => {
    const server = await start((response, { body }) => response.writeHead(status).end(body));
    await expectNotSent(server, new RegExp(`"status":${status}`));
    expect(received).toHaveLength(1);
  });

  it.each([301, 302, 303, 307, 308])('is not followed to another address, with %i', async (status) => {
    const server = await start((response) => {
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
    await expectNotSent(server, new RegExp(`"status":${status}`));
    expect(received.map(({ url }) => url)).toEqual(['/messages']);
  });

  it('that does not answer holds a request no longer than the deadline', async () => {
    const server = await start(() => undefined);
    await expectNotSent(server, /"outcome":"timed_out"/);
  });

  it('that breaks the connection off, or sends no HTTP, has not sent the message', async () => {
    let text = '';
    const server = await start((response) => {
      response.socket?.end(text);
      text = 'HELLO\r\n\r\n';
    });
    await expectNotSent(server, /"outcome":"failed"/);
    expectOAuthError((await add(server)).answer, 503, 'temporarily_unavailable');
  });

  it('has its certificate verified', async () => {
    const server = await start((response) => response.writeHead(204).end(), 'https');
    await expectNotSent(server, /"code":"DEPTH_ZERO_SELF_SIGNED_CERT"/);
    expect(received).toHaveLength(0);
  });
});

describe('A mailbox that prints', () => {
  it('writes the message to the log, and says that it is not sent', async () => {
    const stack = await startStack('sqlite', {
      configuration: withAccounts(),
      environment: { EMAIL_PRINT: 'true' },
    });
    try {
      const { access_token: token } = expectTokens(await stack.login(ALICE, { scope: 'account' }));
      const { id } = (await addAddress(stack, token, ADDRESS)).json as { id: string };
      const line = stack.log.find((each) => each.includes('this message is printed here and not sent')) ?? '';
      const { to, text: message } = JSON.parse(line) as { to: string; text: string };
      expect(to).toBe(ADDRESS);
      const code = message.slice(0, 8);
      expect((await account(stack, 'POST', `/factors/${id}/confirm`, token, { code })).status).toBe(200);
    } finally {
      await stack.stop();
    }
  });
});

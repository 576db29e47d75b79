import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { ClientTCP } from '@nestjs/microservices';
import { createClient } from 'graphql-ws';
import { firstValueFrom } from 'rxjs';
import { WebSocket } from 'ws';
import type { BearerError } from '@latchkey/resource-server';
import type { RefusedHandshake } from '../library/support/socket-client.js';
import { connect } from '../library/support/socket-client.js';
import {
  ALICE,
  aClient,
  aConfiguration,
  API,
  aResourceServer,
  RESOURCE_SERVER,
} from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/ports.js';
import { expectSession } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const PAGE = 'docs/protect-beyond-http.md';

interface Started {
  readonly application: INestApplication;
  readonly messagePort: number;
}

/** Tried in all ways: without a token, with a wrong one, with one that lacks the scope, and with the right one. */
const TRIES = ['none', 'made-up', 'without scope', 'right'] as const;

type Try = (typeof TRIES)[number];

describe(`The application of ${PAGE}`, () => {
  let folder: string;
  let stack: Stack;
  let started: Started;
  let url: string;
  let chatPort: number;
  const tokens = new Map<Try, string>([['made-up', 'made-up']]);
  const authorizationOf = (one: Try) => (one === 'none' ? undefined : `Bearer ${tokens.get(one)}`);
  const headersOf = (one: Try): Record<string, string> => {
    const authorization = authorizationOf(one);
    return authorization === undefined ? {} : { authorization };
  };

  beforeAll(async () => {
    stack = await startStack('sqlite', {
      configuration: aConfiguration({
        scopes: [
          { name: 'orders:read', description: 'Read orders' },
          { name: 'other', description: 'Something else' },
        ],
        clients: [aClient({ scope: 'orders:read other', default_scope: 'orders:read' }), aResourceServer()],
      }),
    });
    chatPort = await freePort();
    Object.assign(process.env, {
      CHAT_PORT: String(chatPort),
      AUTHORIZATION_SERVER_URL: stack.issuer,
      CLIENT_ID: RESOURCE_SERVER.clientId,
      CLIENT_SECRET: RESOURCE_SERVER.secret,
      AUDIENCE: API,
    });
    tokens.set('right', expectSession(await stack.login(ALICE)).access_token);
    tokens.set('without scope', expectSession(await stack.login(ALICE, { scope: 'other' })).access_token);
    // Below this folder, so that packages and the library are found.
    folder = await mkdtemp(resolve('test/full/.beyond-http-'));
    const text = await readFile(PAGE, 'utf8');
    for (const [, title = '', code = ''] of text.matchAll(/^```ts title="([^"]+)"\n(.*?)^```$/gms)) {
      await mkdir(dirname(join(folder, title)), { recursive: true });
      await writeFile(join(folder, title), code);
    }
    const { start } = (await import(join(folder, 'src/application.ts'))) as {
      start: (port: number, messagePort: number) => Promise<Started>;
    };
    started = await start(0, 0);
    url = await started.application.getUrl();
  });

  afterAll(async () => {
    await started.application.close();
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('has files behind middleware', async () => {
    const status = async (one: Try) => (await fetch(`${url}/files/one`, { headers: headersOf(one) })).status;
    expect(await Promise.all(TRIES.map(status))).toEqual([401, 401, 403, 200]);
  });

  it('has GraphQL', async () => {
    const ask = async (one: Try): Promise<unknown> => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headersOf(one) },
        body: JSON.stringify({ query: '{ orders }' }),
      });
      const { data, errors } = (await response.json()) as {
        data: { orders: string } | null;
        errors?: { extensions: { code: string } }[];
      };
      return errors?.[0]?.extensions.code ?? data?.orders.slice(0, 6);
    };
    const expected = ['UNAUTHENTICATED', 'UNAUTHENTICATED', 'FORBIDDEN', 'orders'];
    expect(await Promise.all(TRIES.map(ask))).toEqual(expected);
  });

  it('has subscriptions', async () => {
    const subscribe = async (one: Try): Promise<unknown> => {
      const client = createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: headersOf(one),
        retryAttempts: 0,
      });
      try {
        return (await client.iterate({ query: 'subscription { sent }' }).next()).value;
      } catch (errors) {
        return (errors as { extensions: { code: string } }[])[0]?.extensions.code;
      } finally {
        await client.dispose();
      }
    };
    expect(await Promise.all(TRIES.map(subscribe))).toEqual([
      'UNAUTHENTICATED',
      'UNAUTHENTICATED',
      'FORBIDDEN',
      { data: { sent: 1 } },
    ]);
  });

  it('has a gateway', async () => {
    const ask = async (one: Try): Promise<unknown> => {
      try {
        const client = await connect('ws', `http://127.0.0.1:${chatPort}`, {
          authorization: authorizationOf(one),
          path: '/chat',
        });
        const answer = await client.ask('read');
        client.close();
        return answer.event === 'exception' ? (answer.data as { error: string }).error : answer.data;
      } catch (error) {
        return (error as RefusedHandshake).status;
      }
    };
    expect(await Promise.all(TRIES.map(ask))).toEqual([401, 401, 'insufficient_scope', 'orders']);
  });

  it('has a microservice', async () => {
    const client = new ClientTCP({ host: '127.0.0.1', port: started.messagePort });
    const ask = (one: Try): Promise<unknown> =>
      firstValueFrom(client.send<string>('orders', headersOf(one))).then(
        (answer) => answer.slice(0, 6),
        (error: { statusCode: number }) => error.statusCode,
      );
    expect(await Promise.all(TRIES.map(ask))).toEqual([401, 401, 403, 'orders']);
    client.close();
  });

  it('has a queue and a schedule', async () => {
    const { Queue } = (await import(join(folder, 'src/queue.ts'))) as {
      Queue: new () => { run(job: object): Promise<string> };
    };
    const { Cleanup } = (await import(join(folder, 'src/cleanup.ts'))) as {
      Cleanup: new () => { runs: number };
    };
    const run = (one: Try): Promise<unknown> =>
      started.application
        .get(Queue)
        .run(one === 'none' ? {} : { token: tokens.get(one) })
        .then(
          (answer) => answer.slice(0, 6),
          (error: BearerError | Error) =>
            'getStatus' in error ? error.getStatus() : error.message.slice(0, 24),
        );
    expect(await Promise.all(TRIES.map(run))).toEqual(['Mails.send is not public', 401, 403, 'a mail']);
    await eventually(() => expect(started.application.get(Cleanup).runs).toBeGreaterThan(0));
  });
});

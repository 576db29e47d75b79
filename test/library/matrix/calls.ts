import { ClientTCP } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import type { PLATFORMS } from '../support/protected-application.js';
import { connect } from '../support/socket-client.js';

/** What sockets and messages are answered, on every version of Nest. */
export const MATRIX_CALLS = {
  sockets: {
    'no token': 'refused',
    unknown: 'refused',
    revoked: 'refused',
    good: ['alice', 'exception'],
    writer: ['alice', 'written'],
  },
  messages: {
    inheriting: {
      'no token': ['error', 'error', 'error', 'open'],
      unknown: ['error', 'error', 'error', 'open'],
      revoked: ['error', 'error', 'error', 'open'],
      good: ['alice', 'undecorated', 'error', 'open'],
      writer: ['alice', 'undecorated', 'written', 'open'],
    },
    // No guard of ours is called there: closed, whatever is shown.
    alone: {
      'no token': ['error', 'error', 'error', 'open'],
      unknown: ['error', 'error', 'error', 'open'],
      revoked: ['error', 'error', 'error', 'open'],
      good: ['error', 'error', 'error', 'open'],
      writer: ['error', 'error', 'error', 'open'],
    },
  },
};

const TOKENS = Object.keys(MATRIX_CALLS.sockets);

/** ws on Fastify, socket.io on Express. */
export async function playSockets(platform: (typeof PLATFORMS)[number], url: string): Promise<object> {
  const kind = platform === 'fastify' ? 'ws' : 'socket.io';
  const answers = TOKENS.map(async (token) => {
    const authorization = token === 'no token' ? undefined : `Bearer ${token}`;
    const client = await connect(kind, url, { authorization }).catch(() => null);
    if (client === null) return [token, 'refused'];
    const { data } = await client.ask('who');
    const { event, data: written } = await client.ask('write');
    client.close();
    return [token, [data, event === 'exception' ? event : written]];
  });
  return Object.fromEntries(await Promise.all(answers)) as object;
}

export async function playMessages(ports: Readonly<Record<string, number>>): Promise<object> {
  const answers = Object.entries(ports).map(async ([kind, port]) => [kind, await playPort(port)]);
  return Object.fromEntries(await Promise.all(answers)) as object;
}

async function playPort(port: number): Promise<object> {
  const client = new ClientTCP({ host: '127.0.0.1', port });
  const ask = (pattern: string, data: object): Promise<unknown> =>
    firstValueFrom(client.send<unknown>(pattern, data)).catch(() => 'error');
  const answers = await Promise.all(
    TOKENS.map(async (token) => {
      const data = token === 'no token' ? {} : { authorization: `Bearer ${token}` };
      return [
        token,
        await Promise.all(['who', 'undecorated', 'write', 'open'].map((pattern) => ask(pattern, data))),
      ];
    }),
  );
  client.close();
  return Object.fromEntries(answers) as object;
}

// An administrator's import that creates 200 users at once, again and again: all of them wait for the lock of names.
import { randomUUID } from 'node:crypto';
import { hashSync } from '@node-rs/argon2';
import { ADMINISTRATOR } from '../support/authorization-server.mjs';
import { administratorsToken } from '../support/administrator.mjs';
import { formPost, HttpConnection } from '../support/http-connection.mjs';

export const database = 'postgres';

const CONNECTIONS = 200;
const SCOPE = 'admin:users';
/** Hashed beforehand, so that the users wait for nothing but the lock. */
const HASH = hashSync('a password of the benchmark', { memoryCost: 19_456, timeCost: 2, parallelism: 1 });

export function configure({ clients }) {
  const administrator = clients.find(({ client_id: id }) => id === ADMINISTRATOR.id);
  administrator.scope += ` ${SCOPE}`;
}

export async function prepare({ server }) {
  return { authorization: `Bearer ${await administratorsToken(server, SCOPE)}` };
}

export async function attack({ url, context, until }) {
  const statuses = {};
  const lane = async () => {
    const http = new HttpConnection(url);
    while (!until()) {
      const body = JSON.stringify({ username: `user-${randomUUID()}`, password_hash: HASH });
      const headers = { ...context, 'content-type': 'application/json' };
      const { status } = await http.send(formPost('/admin/users', headers, body));
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    http.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  return statuses;
}

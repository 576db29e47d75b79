// One address behind the victims' own client: 150 names that nobody has a second, several times as many as can be verified.
import { setTimeout as sleep } from 'node:timers/promises';
import { CLIENT } from '../support/authorization-server.mjs';
import { basic, formPost, HttpConnection } from '../support/http-connection.mjs';

export const database = 'sqlite';
/** The deadline as it is by default; no budget of accounts, so that the queue alone is in the attacker's way. */
export const overrides = { HASH_QUEUE_DEADLINE_MS: '2000', THROTTLE_SOURCE_ACCOUNTS: '100000' };

const RATE = 150;
const ADDRESS = '203.0.113.66';

export function configure({ clients }) {
  clients.find(({ client_id: id }) => id === CLIENT.id).forwards_end_user_address = true;
}

export async function attack({ url, until }) {
  const statuses = {};
  const idle = [];
  const pending = [];
  const guess = async (number) => {
    const http = idle.pop() ?? new HttpConnection(url);
    const headers = { authorization: basic(CLIENT), 'latchkey-forwarded-for': ADDRESS };
    const body = `grant_type=password&username=nobody-${number}&password=guess`;
    const { status } = await http.send(formPost('/oauth/token', headers, body));
    statuses[status] = (statuses[status] ?? 0) + 1;
    idle.push(http);
  };
  for (let number = 0, due = performance.now(); !until(); number++, due += 1000 / RATE) {
    await sleep(Math.max(0, due - performance.now()));
    pending.push(guess(number));
  }
  await Promise.all(pending);
  for (const http of idle) http.close();
  return statuses;
}

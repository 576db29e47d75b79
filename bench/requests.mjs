// Requests a second of the hot endpoints on one core, beside the raw ceiling, interleaved in one run:
//   npm run build && node bench/requests.mjs [rounds] [seconds]
import { basic, median, run } from './support/load.mjs';
import {
  CLIENT,
  OWNER,
  pinLoad,
  RESOURCE_SERVER,
  startAuthorizationServer,
  startServer,
  temporaryFolder,
} from './support/server.mjs';

const rounds = Number(process.argv[2] ?? 3);
const seconds = Number(process.argv[3] ?? 5);
const connections = 32;
const SESSIONS = 512;

const pinned = pinLoad();
const ours = await startAuthorizationServer(temporaryFolder());
const raw = await startServer('bench/support/node-http.mjs', {}, '/');

const sessions = await logIn(SESSIONS);
const refreshTokens = sessions.slice(0, connections).map(({ refresh_token: token }) => token);
let turn = 0;

const measurements = {
  'node:http ceiling': () =>
    run({ url: raw.url, headers: {}, connections, seconds, next: introspection, check: expectActive }),
  introspection: () =>
    run({
      url: ours.url,
      headers: { authorization: basic(RESOURCE_SERVER) },
      connections,
      seconds,
      next: introspection,
      check: expectActive,
    }),
  'refresh (durable)': () =>
    run({
      url: ours.url,
      headers: { authorization: basic(CLIENT) },
      connections,
      seconds,
      next: (index) => ({
        path: '/oauth/token',
        body: `grant_type=refresh_token&refresh_token=${refreshTokens[index]}`,
      }),
      check: (text, index) => {
        const next = JSON.parse(text).refresh_token;
        if (next === refreshTokens[index]) throw new Error('the refresh token did not rotate');
        refreshTokens[index] = next;
      },
    }),
};

const results = new Map(Object.keys(measurements).map((name) => [name, []]));
for (let round = 1; round <= rounds; round++) {
  for (const [name, measure] of Object.entries(measurements)) {
    const perSecond = await measure();
    results.get(name).push(perSecond);
    console.error(`round ${round}/${rounds}  ${name}: ${Math.round(perSecond)}/s`);
  }
}
await Promise.all([ours.stop(), raw.stop()]);

const ceiling = median(results.get('node:http ceiling'));
console.log(
  `\n${connections} connections, ${SESSIONS} tokens, server on one core${pinned ? '' : ' (not pinned)'}`,
);
console.log('| what | median/s | min | max | of the ceiling |\n| --- | --- | --- | --- | --- |');
for (const [name, values] of results) {
  const figures = [median(values), Math.min(...values), Math.max(...values)].map(Math.round);
  console.log(`| ${name} | ${figures.join(' | ')} | ${(median(values) / ceiling).toFixed(2)} |`);
}

function introspection() {
  turn = (turn + 1) % SESSIONS;
  return { path: '/oauth/introspect', body: `token=${sessions[turn].access_token}` };
}

function expectActive(text) {
  if (!text.includes('"active":true')) throw new Error(`not active: ${text}`);
}

async function logIn(count) {
  const answers = [];
  const body = new URLSearchParams({ grant_type: 'password', ...OWNER }).toString();
  for (let index = 0; index < count; index++) {
    const response = await fetch(`${ours.url}/oauth/token`, {
      method: 'POST',
      headers: { authorization: basic(CLIENT), 'content-type': 'application/x-www-form-urlencoded' },
      body,
    });
    if (!response.ok) throw new Error(`login failed: ${await response.text()}`);
    answers.push(await response.json());
    if ((index + 1) % 128 === 0) console.error(`logged in ${index + 1} of ${count}`);
  }
  return answers;
}

// Those who must not notice an attacker: right logins of known devices, refreshes, introspections, the readiness probe.
import { setTimeout as sleep } from 'node:timers/promises';
import { CLIENT, OWNERS, RESOURCE_SERVER } from './authorization-server.mjs';
import { basic, formPost, get, HttpConnection } from './http-connection.mjs';

const DEVICE_HEADER = /\r\nlatchkey-device: *(\S+)/i;

/**
 * Logs all owners in, so that their devices are known, and describes what is to be watched.
 *
 * @returns an array of `{ name, rate, timed, attempt }`: `rate` is a second, `timed` says that the latency has a bound,
 * `attempt` sends one request over a connection and gives why it was not served, or null
 */
export async function makeVictims(server) {
  const sessions = [];
  const http = new HttpConnection(server.url);
  for (const owner of OWNERS) {
    const { status, headers, body } = await http.send(login({ owner }));
    if (status !== 200) throw new Error(`login: ${status} ${body}`);
    const { access_token: accessToken, refresh_token: refreshToken } = JSON.parse(body);
    sessions.push({ owner, device: DEVICE_HEADER.exec(headers)[1], accessToken, refreshToken });
  }
  http.close();
  let turn = 0;
  const next = () => sessions[turn++ % sessions.length];
  return [
    {
      name: 'login of a known device',
      rate: 3,
      timed: false,
      attempt: (connection) => expectOk(connection, login(next())),
    },
    { name: 'refresh', rate: 20, timed: true, attempt: (connection) => refresh(connection, next()) },
    {
      name: 'introspection',
      rate: 100,
      timed: true,
      attempt: (connection) => introspect(connection, next()),
    },
    {
      name: 'readiness',
      rate: 2,
      timed: false,
      attempt: (connection) => expectOk(connection, get('/health/ready')),
    },
  ];
}

function login({ owner: { username, password }, device }) {
  const body = new URLSearchParams({ grant_type: 'password', username, password }).toString();
  const known = device === undefined ? {} : { 'latchkey-device': device };
  return formPost('/oauth/token', { authorization: basic(CLIENT), ...known }, body);
}

/** Each session is refreshed by one request at a time: a token that is spent twice would end it. */
async function refresh(connection, session) {
  if (session.refreshing) return null;
  session.refreshing = true;
  try {
    const body = `grant_type=refresh_token&refresh_token=${encodeURIComponent(session.refreshToken)}`;
    const answer = await connection.send(formPost('/oauth/token', { authorization: basic(CLIENT) }, body));
    if (answer.status !== 200) return `${answer.status} ${answer.body}`;
    session.refreshToken = JSON.parse(answer.body).refresh_token;
    return null;
  } finally {
    session.refreshing = false;
  }
}

async function introspect(connection, { accessToken }) {
  const request = formPost(
    '/oauth/introspect',
    { authorization: basic(RESOURCE_SERVER) },
    `token=${accessToken}`,
  );
  const { status, body } = await connection.send(request);
  return status === 200 && body.includes('"active":true') ? null : `${status} ${body}`;
}

async function expectOk(connection, request) {
  const { status, body } = await connection.send(request);
  return status === 200 ? null : `${status} ${body}`;
}

/**
 * Sends each victim's requests at times that were fixed beforehand, whatever the server does.
 *
 * @returns a map by the victim's name of `{ latencies, refusals }`: ms from when a request was due, and texts
 */
export async function watch(server, victims, seconds) {
  const until = performance.now() + seconds * 1000;
  const observed = await Promise.all(
    victims.map(async (victim) => [victim.name, await observe(server, victim, until)]),
  );
  return new Map(observed);
}

async function observe({ url }, { rate, attempt }, until) {
  const latencies = [];
  const refusals = [];
  const idle = [];
  const pending = [];
  const once = async (due) => {
    const connection = idle.find((one) => one.isOpen) ?? new HttpConnection(url);
    if (idle.includes(connection)) idle.splice(idle.indexOf(connection), 1);
    const refusal = await attempt(connection).catch((error) => error.message);
    latencies.push(performance.now() - due);
    if (refusal !== null) refusals.push(refusal);
    idle.push(connection);
  };
  for (let due = performance.now(); due < until; due += 1000 / rate) {
    await sleep(Math.max(0, due - performance.now()));
    pending.push(once(due));
  }
  await Promise.all(pending);
  for (const connection of idle) connection.close();
  return { latencies, refusals };
}

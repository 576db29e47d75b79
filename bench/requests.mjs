// Requests a second of the hot endpoints on one core, beside peers and raw ceilings, interleaved in one run.
import {
  CLIENT,
  environmentIn,
  makeSessions,
  OPAQUE_CLIENT,
  RESOURCE_SERVER,
  REVOKING_CLIENT,
  startWith,
} from './support/authorization-server.mjs';
import { run } from './support/load.mjs';
import { clientCredentials, introspection, password, refresh, revocation } from './support/operations.mjs';
import { startPeer } from './support/peers.mjs';
import { runOnServerCore, startServer, temporaryFolder } from './support/server.mjs';

export const CONNECTIONS = 32;
const TOKENS = 10_000;

/** Bytes of our answer to an introspection. The ceiling answers as many. */
const ANSWER_BYTES = '372';

/**
 * @param rounds each measures everything once, in the same order
 * @returns for each measurement its name, server and the results of all rounds; and the servers' peak memory
 */
export async function measureRequests({ rounds, seconds, warmUp, firstWarmUp, revocations, only, report }) {
  // In the first round a server has compiled nothing yet of what it is about to do.
  const warmUpOf = (round) => (round === 1 ? firstWarmUp : warmUp);
  const servers = await startServers(revocations, report);
  const measurements = measurementsOf(servers).filter(({ name }) => only.test(name));
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const measurement of measurements) {
        const result =
          measurement.raw === undefined
            ? await run({ connections: CONNECTIONS, seconds, warmUp: warmUpOf(round), ...measurement })
            : await runOnServerCore(measurement.raw, String(seconds));
        measurement.rounds.push(result);
        report(`round ${round}/${rounds}  ${measurement.name}: ${Math.round(result.perSecond)}/s`);
      }
    }
    return {
      measurements: measurements.map(({ name, rounds: results }) => ({ name, rounds: results })),
      peakMemory: Object.fromEntries(
        Object.entries(servers).map(([name, server]) => [name, server.peakMemory()]),
      ),
    };
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
  }
}

async function startServers(revocations, report) {
  report('making sessions ...');
  const environment = environmentIn(temporaryFolder());
  const jwt = await makeSessions(environment, CLIENT, TOKENS);
  const opaque = await makeSessions(environment, OPAQUE_CLIENT, TOKENS);
  const spent = await makeSessions(environment, REVOKING_CLIENT, revocations, { accessTokens: false });
  const ours = { ...(await startWith(environment)), jwt, opaque, spent };
  report('starting peers ...');
  return {
    latchkey: ours,
    'node:http': await startServer('bench/ceilings/node-http.mjs', { ANSWER_BYTES }, '/'),
    'oidc-provider in memory': await startPeer('oidc-provider.mjs', { sqlite: false, sessions: TOKENS }),
    'oidc-provider on SQLite': await startPeer('oidc-provider.mjs', { sqlite: true, sessions: TOKENS }),
    'node-oauth2-server on SQLite': await startPeer('node-oauth2-server.mjs', {
      sqlite: true,
      sessions: TOKENS,
    }),
  };
}

function measurementsOf(servers) {
  const ours = servers.latchkey;
  const asked = (server, operation) => ({ server, ...operation });
  const of = (name, measurement) => ({ name, rounds: [], ...measurement });
  return [
    of('ceiling: node:http', asked(servers['node:http'], introspection('/', null, ours.jwt.accessTokens))),
    of('ceiling: verifySync in one worker', { raw: 'bench/ceilings/argon2.mjs' }),
    of('ceiling: better-sqlite3, a commit each', { raw: 'bench/ceilings/sqlite-commits.mjs' }),
    of(
      'introspection, opaque: latchkey',
      asked(ours, introspection('/oauth/introspect', RESOURCE_SERVER, ours.opaque.accessTokens)),
    ),
    of(
      'introspection, JWT: latchkey',
      asked(ours, introspection('/oauth/introspect', RESOURCE_SERVER, ours.jwt.accessTokens)),
    ),
    of(
      'refresh: latchkey on SQLite',
      asked(ours, refresh('/oauth/token', ours.jwt.refreshTokens, CONNECTIONS)),
    ),
    of('password: latchkey on SQLite', asked(ours, password('/oauth/token'))),
    of('client credentials: latchkey on SQLite', asked(ours, clientCredentials('/oauth/token'))),
    of(
      'revocation: latchkey on SQLite',
      asked(ours, revocation('/oauth/revoke', ours.spent.refreshTokens, REVOKING_CLIENT)),
    ),
    ...['oidc-provider in memory', 'oidc-provider on SQLite'].flatMap((name) => {
      const peer = servers[name];
      return [
        of(
          `introspection, opaque: ${name}`,
          asked(peer, introspection('/token/introspection', CLIENT, peer.accessTokens)),
        ),
        of(`refresh: ${name}`, asked(peer, refresh('/token', peer.refreshTokens, CONNECTIONS))),
        of(`password: ${name}`, asked(peer, password('/token'))),
        of(`client credentials: ${name}`, asked(peer, clientCredentials('/token'))),
      ];
    }),
    ...['node-oauth2-server on SQLite'].flatMap((name) => {
      const peer = servers[name];
      return [
        of(
          `look-up of a bearer token: ${name}`,
          asked(peer, introspection('/authenticate', null, peer.accessTokens, 'access_token')),
        ),
        of(`refresh: ${name}`, asked(peer, refresh('/token', peer.refreshTokens, CONNECTIONS))),
        of(`password: ${name}`, asked(peer, password('/token'))),
        of(`client credentials: ${name}`, asked(peer, clientCredentials('/token'))),
      ];
    }),
  ];
}

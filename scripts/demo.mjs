// Plays the five stages of the password grant, refusals included, and shows every request and response.
//
//   npm run demo                                     starts a pair of its own on free ports
//   npm run demo -- AUTHORIZATION_SERVER_URL RESOURCE_SERVER_URL    plays against a running pair with the demo file
//
// Exits with 0 only if every answer was as it should be.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDemoFile } from './support/demo-file.mjs';
import { play } from './support/five-stages.mjs';
import { build, Pair, PairError } from './support/pair.mjs';

const [authorizationServer, resourceServer, ...rest] = process.argv.slice(2);
if (authorizationServer === '--help' || rest.length > 0 || (authorizationServer && !resourceServer)) {
  console.log('usage: npm run demo [-- AUTHORIZATION_SERVER_URL RESOURCE_SERVER_URL]');
  process.exit(authorizationServer === '--help' ? 0 : 2);
}

try {
  const wrong = authorizationServer
    ? await play({ authorizationServer, resourceServer }, readDemoFile())
    : await playWithPairOfOwn();
  console.log(
    wrong === 0 ? '\nEverything went as it should.' : `\n${wrong} answers were not as they should be.`,
  );
  process.exitCode = wrong === 0 ? 0 : 1;
} catch (error) {
  console.error(`\nThe demo could not go on: ${error.cause?.code ?? error.message}`);
  if (!(error instanceof PairError || error.cause)) throw error;
  process.exitCode = 1;
}

async function playWithPairOfOwn() {
  build();
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-demo-'));
  const environment = { PATH: process.env.PATH, LATCHKEY_DATA_DIR: folder, LOG_LEVEL: 'error' };
  let failed;
  const failure = new Promise((_, reject) => (failed = reject));
  const pair = new Pair({
    environment,
    demo: true,
    ports: { authorizationServer: await freePort(), resourceServer: await freePort() },
    settings: {
      authorizationServer: { DATABASE_URL: `sqlite:${join(folder, 'latchkey.sqlite')}` },
      resourceServer: { DATABASE_URL: `sqlite:${join(folder, 'resources.sqlite')}` },
    },
    onFailure: failed,
  });
  try {
    return await Promise.race([failure, pair.start().then(() => play(pair.urls, readDemoFile(), true))]);
  } finally {
    await pair.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return String(port);
}

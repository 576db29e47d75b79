// Other authorization servers from npm, each with its sessions made before it answers.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLIENT, OWNER } from './authorization-server.mjs';
import { root, startServer, temporaryFolder } from './server.mjs';

const folder = join(root, 'bench/peers');

/** Installs them at the first use: nobody but the benchmark needs them. */
export function installPeers() {
  const upToDate = spawnSync('npm', ['ls', '--silent'], { cwd: folder }).status === 0;
  if (upToDate && existsSync(join(folder, 'node_modules'))) return;
  console.error('Installing the peers into bench/peers (once) ...');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('npm ci failed in bench/peers');
}

/** @returns the server, with `accessTokens` and `refreshTokens` of its sessions */
export async function startPeer(script, { sqlite, sessions }) {
  const own = temporaryFolder();
  const tokensFile = join(own, 'tokens.json');
  const server = await startServer(
    `bench/peers/${script}`,
    {
      NODE_ENV: 'production',
      CLIENT_ID: CLIENT.id,
      CLIENT_SECRET: CLIENT.secret,
      OWNER_PASSWORD: OWNER.password,
      SESSIONS: String(sessions),
      TOKENS_FILE: tokensFile,
      ...(sqlite && { DATABASE_PATH: join(own, 'peer.sqlite') }),
    },
    '/',
  );
  return { ...server, ...JSON.parse(readFileSync(tokensFile, 'utf8')) };
}

// Starts built servers as processes of their own, pinned to one core where the system can.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const canPin = spawnSync('taskset', ['-V']).status === 0;

/** Puts this process, the load, on the second core. */
export function pinLoad() {
  if (canPin) spawnSync('taskset', ['-a', '-cp', '1', String(process.pid)]);
  return canPin;
}

export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** Runs a script on the first core until `stop` is called. */
export async function startServer(script, environment, healthPath) {
  const port = await freePort();
  const command = canPin ? ['taskset', '-c', '0', process.execPath] : [process.execPath];
  const child = spawn(command[0], [...command.slice(1), script], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: String(port), ...environment },
  });
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; ; attempt++) {
    const ready = await fetch(url + healthPath).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) break;
    if (attempt > 200 || child.exitCode !== null) throw new Error(`${script} did not start`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const stop = async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { url, pid: child.pid, stop };
}

export const CLIENT = { id: 'bench-client', secret: 'bench-client-secret-0123456789abcdef' };
export const RESOURCE_SERVER = { id: 'bench-resource-server', secret: 'bench-resource-server-secret-012345' };
export const OWNER = { username: 'owner', password: 'a password of the benchmark' };

/** Our authorization server over an SQLite file, as it is in production. */
export function startAuthorizationServer(folder) {
  const audience = ['https://api.example.com/'];
  const configuration = {
    scopes: [{ name: 'read' }],
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        grant_types: ['password', 'refresh_token'],
        scope: 'read',
        default_scope: 'read',
        audience,
        access_token_ttl: 3600,
        refresh_token_grace: 0,
      },
      {
        client_id: RESOURCE_SERVER.id,
        client_secret: RESOURCE_SERVER.secret,
        audience,
        may_introspect: true,
      },
    ],
    users: [OWNER],
  };
  const file = join(folder, 'configuration.json');
  writeFileSync(file, JSON.stringify(configuration));
  return startServer(
    'apps/authorization-server/dist/main.js',
    {
      LATCHKEY_DATA_DIR: folder,
      DATABASE_URL: `sqlite:${join(folder, 'latchkey.sqlite')}`,
      LATCHKEY_CONFIG: file,
      HASH_WORKERS: '1',
      LOG_LEVEL: 'warn',
    },
    '/health/ready',
  );
}

// Starts the authorization server and the sample resource server: builds what changed, waits until both are ready,
// and says how to try them. Ctrl-C stops both.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('..', import.meta.url));
const READY_TIMEOUT_MS = 30_000;

const { env } = process;
const production = env.NODE_ENV === 'production';
const demo = !production && !env.LATCHKEY_CONFIG;
const ports = {
  authorizationServer: env.AUTHORIZATION_SERVER_PORT || '3000',
  resourceServer: env.RESOURCE_SERVER_PORT || '3001',
};
const urls = {
  authorizationServer: `http://127.0.0.1:${ports.authorizationServer}`,
  resourceServer: `http://127.0.0.1:${ports.resourceServer}`,
};

const children = new Set();
let stopping = false;

build();
const demoFile = readDemoFile();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop(0));

start('authorization-server', { PORT: ports.authorizationServer, ...(demo && { LATCHKEY_DEMO: 'true' }) });
start('resource-server', {
  PORT: ports.resourceServer,
  AUTHORIZATION_SERVER_URL: env.AUTHORIZATION_SERVER_URL || urls.authorizationServer,
  ...(demo && {
    CLIENT_ID: env.CLIENT_ID || demoFile.resourceServer.client_id,
    CLIENT_SECRET: env.CLIENT_SECRET || demoFile.resourceServer.client_secret,
    AUDIENCE: env.AUDIENCE || demoFile.resourceServer.audience[0],
  }),
});
await Promise.all(Object.values(urls).map(untilReady));
if (!stopping) sayHello();

function build() {
  const compiler = findCompiler();
  // An installation without development dependencies runs what was built before.
  if (compiler === null && existsSync(`${root}/apps/resource-server/dist/main.js`)) return;
  if (compiler === null) fail('There is nothing built, and no compiler to build it: run npm ci first.');
  if (!existsSync(`${root}/apps/resource-server/dist/main.js`)) console.log('Building (once) ...');
  const { status } = spawnSync(process.execPath, [compiler, '--build'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) fail('The build failed.');
}

function findCompiler() {
  try {
    return createRequire(import.meta.url).resolve('typescript/bin/tsc');
  } catch {
    return null;
  }
}

function readDemoFile() {
  const { clients, users } = parse(readFileSync(`${root}/apps/authorization-server/demo.yaml`, 'utf8'));
  return {
    client: clients.find(({ grant_types: grantTypes }) => grantTypes?.includes('password')),
    resourceServer: clients.find(({ may_introspect: mayIntrospect }) => mayIntrospect),
    user: users[0],
  };
}

function start(name, settings) {
  const child = spawn(process.execPath, [`apps/${name}/dist/main.js`], {
    cwd: root,
    stdio: 'inherit',
    env: { LOG_LEVEL: 'warn', ...env, ...settings },
  });
  children.add(child);
  child.on('exit', (code) => {
    children.delete(child);
    if (!stopping) {
      console.error(`\nThe ${name} stopped; see the lines above.`);
      stop(code || 1);
    }
  });
}

async function untilReady(url) {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!stopping) {
    const ready = await fetch(`${url}/health/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    if (Date.now() > deadline) {
      console.error(`\n${url} did not become ready within ${READY_TIMEOUT_MS / 1000} s.`);
      stop(1);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function sayHello() {
  console.log(`
Latchkey is ready.

  authorization server  ${urls.authorizationServer}
  resource server       ${urls.resourceServer}
`);
  if (demo) {
    const { client, user } = demoFile;
    console.log(`Get a token for ${user.username} (paste into another terminal):

  TOKEN=$(curl -s -u ${client.client_id}:${client.client_secret} ${urls.authorizationServer}/oauth/token \\
    -d grant_type=password -d username=${user.username} -d 'password=${user.password}' \\
    | node -pe 'JSON.parse(fs.readFileSync(0)).access_token')

Create a resource with it, and read what ${user.username} may read:

  curl -s ${urls.resourceServer}/resources -H "Authorization: Bearer $TOKEN" \\
    -H 'Content-Type: application/json' -d '{"name": "note", "content": "hello"}'

  curl -s ${urls.resourceServer}/resources -H "Authorization: Bearer $TOKEN"
`);
  }
  console.log('Ctrl-C stops both.');
}

/** Lets both servers finish what they do. */
async function stop(status) {
  if (stopping) return;
  stopping = true;
  const exits = [...children].map((child) => new Promise((resolve) => child.once('exit', resolve)));
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(exits);
  process.exit(status);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

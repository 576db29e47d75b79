// Starts the authorization server and the sample resource server: builds what changed, waits until both are ready,
// and says how to try them. Ctrl-C stops both.
import { readDemoFile } from './support/demo-file.mjs';
import { assertFree, build, Pair, PairError } from './support/pair.mjs';

const { env } = process;
const demo = env.NODE_ENV !== 'production' && !env.LATCHKEY_CONFIG;

const ports = {
  authorizationServer: env.AUTHORIZATION_SERVER_PORT || '3000',
  resourceServer: env.RESOURCE_SERVER_PORT || '3001',
};
const [host, metricsHost] = [env.HOST, env.METRICS_HOST].map((name) =>
  (name || '127.0.0.1').replace(/^\[(.*)\]$/, '$1'),
);

if (env.PORT) {
  console.log('PORT is not used here: set AUTHORIZATION_SERVER_PORT and RESOURCE_SERVER_PORT.');
}
try {
  await assertFree(
    [
      { variable: 'AUTHORIZATION_SERVER_PORT', host, port: ports.authorizationServer },
      { variable: 'RESOURCE_SERVER_PORT', host, port: ports.resourceServer },
      { variable: 'METRICS_PORT', host: metricsHost, port: env.METRICS_PORT },
      { variable: 'RESOURCE_SERVER_METRICS_PORT', host: metricsHost, port: env.RESOURCE_SERVER_METRICS_PORT },
    ].filter(({ port }) => port),
  );
  build();
} catch (error) {
  if (!(error instanceof PairError)) throw error;
  console.error(error.message);
  process.exit(1);
}

const pair = new Pair({
  environment: env,
  demo,
  ports,
  onFailure(error) {
    console.error(`\n${error.message}`);
    void stop(1);
  },
});
// SIGHUP: the terminal was closed.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop(0));
if (await pair.start()) sayHello(pair.urls);

async function stop(status) {
  await pair.stop();
  process.exit(status);
}

function sayHello({ authorizationServer, resourceServer }) {
  const hasDocs = env.DOCS ? env.DOCS === 'true' : env.NODE_ENV !== 'production';
  const docs = (url) => (hasDocs ? `\n  its endpoints         ${url}/docs` : '');
  const isElsewhere = authorizationServer !== 'http://127.0.0.1:3000';
  const elsewhere = isElsewhere ? `\n                        with LATCHKEY_URL=${authorizationServer}` : '';
  console.log(`
Latchkey is ready.

  authorization server  ${authorizationServer}${docs(authorizationServer)}
  resource server       ${resourceServer}${docs(resourceServer)}
  command line          npm run latchkey -- help${elsewhere}
                        (docs/getting-started.md makes the administrator that it needs)
`);
  if (demo) sayHowToTry(authorizationServer, resourceServer);
  console.log('Ctrl-C stops both.');
}

function sayHowToTry(authorizationServer, resourceServer) {
  const {
    client,
    users: [user],
  } = readDemoFile();
  console.log(`Get a token for ${user.username} (paste into another terminal):

  TOKEN=$(curl -s -u ${client.client_id}:${client.client_secret} ${authorizationServer}/oauth/token \\
    -d grant_type=password -d username=${user.username} -d 'password=${user.password}' \\
    | node -pe 'JSON.parse(fs.readFileSync(0)).access_token')

Create a resource with it, and read what ${user.username} may read:

  curl -s ${resourceServer}/resources -H "Authorization: Bearer $TOKEN" \\
    -H 'Content-Type: application/json' -d '{"name": "note", "content": "hello"}'

  curl -s ${resourceServer}/resources -H "Authorization: Bearer $TOKEN"
`);
}

// Starts the authorization server and the sample resource server: builds what changed, waits until both are ready,
// and says how to try them. Ctrl-C stops both.
import { readDemoFile } from './support/demo-file.mjs';
import { build, Pair, PairError } from './support/pair.mjs';

const { env } = process;
const demo = env.NODE_ENV !== 'production' && !env.LATCHKEY_CONFIG;

try {
  build();
} catch (error) {
  if (!(error instanceof PairError)) throw error;
  console.error(error.message);
  process.exit(1);
}

const pair = new Pair({
  environment: env,
  demo,
  ports: {
    authorizationServer: env.AUTHORIZATION_SERVER_PORT || '3000',
    resourceServer: env.RESOURCE_SERVER_PORT || '3001',
  },
  onFailure(error) {
    console.error(`\n${error.message}`);
    void stop(1);
  },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop(0));
if (await pair.start()) sayHello(pair.urls);

async function stop(status) {
  await pair.stop();
  process.exit(status);
}

function sayHello({ authorizationServer, resourceServer }) {
  console.log(`
Latchkey is ready.

  authorization server  ${authorizationServer}
  resource server       ${resourceServer}
`);
  if (demo) {
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
  console.log('Ctrl-C stops both.');
}

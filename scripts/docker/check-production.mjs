// The production file: names what is missing, and serves once it has it.
import { equal, notEqual, ok } from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Clients } from './clients.mjs';
import { docker } from './engine.mjs';

const AUDIENCE = 'https://api.example';
const HEALTHY_TIMEOUT_MS = 120_000;
const secret = () => randomBytes(32).toString('hex');

const client = { clientId: 'shop', clientSecret: secret(), username: 'carol', password: secret() };
const resourceServer = { clientId: 'api', clientSecret: secret() };

export async function checkProduction(project, ports, directory, step) {
  const settings = settingsFor(directory);
  await step('refuse to start production without any one of its settings, by name', () => {
    for (const missing of Object.keys(settings)) {
      writeEnvironment(project.environmentFile, { ...settings, [missing]: '' });
      const { status, output } = project.compose(['config', '--quiet'], { allowFailure: true });
      notEqual(status, 0, `${missing} is not asked for`);
      ok(output.includes(missing), output);
    }
  });
  await step('name in the example exactly what is required', () => {
    const example = readFileSync('.env.production.example', 'utf8');
    const named = [...example.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    equal(named.sort().join(), Object.keys(settings).sort().join());
  });
  await step('start production, log in, create and read a resource', async () => {
    writeEnvironment(project.environmentFile, settings);
    project.up('--build');
    await project.untilHealthy(['authorization-server', 'resource-server'], HEALTHY_TIMEOUT_MS);
    const clients = new Clients(ports, client);
    const { access_token: token } = await clients.logIn();
    const { id } = await clients.create(token, { name: 'note', content: 'in production' });
    equal((await clients.read(token, id)).content, 'in production');
    equal(docker('port', project.inspect('postgres').Id).trim(), '', 'PostgreSQL is published');
  });
}

function settingsFor(directory) {
  const configuration = join(directory, 'latchkey.yaml');
  writeFileSync(configuration, JSON.stringify(configurationFile()));
  // The servers are another user, who cannot enter a private folder's file unless it is open to all.
  chmodSync(configuration, 0o644);
  return {
    ISSUER: 'https://id.example',
    LATCHKEY_MASTER_KEY: randomBytes(32).toString('base64'),
    LATCHKEY_CONFIG: configuration,
    POSTGRES_PASSWORD: secret(),
    AUTHORIZATION_SERVER_DATABASE_PASSWORD: secret(),
    RESOURCE_SERVER_DATABASE_PASSWORD: secret(),
    AUDIENCE,
    CLIENT_ID: resourceServer.clientId,
    CLIENT_SECRET: resourceServer.clientSecret,
  };
}

/** JSON is YAML. */
function configurationFile() {
  const scope = 'resources:read resources:write';
  return {
    scopes: scope.split(' ').map((name) => ({ name, description: name })),
    clients: [
      {
        client_id: client.clientId,
        client_secret_hash: hash(client.clientSecret),
        grant_types: ['password'],
        scope,
        default_scope: scope,
        audience: [AUDIENCE],
      },
      {
        client_id: resourceServer.clientId,
        client_secret_hash: hash(resourceServer.clientSecret),
        audience: [AUDIENCE],
        may_introspect: true,
      },
    ],
    users: [{ username: client.username, password: client.password }],
  };
}

function hash(value) {
  return `$sha256$${createHash('sha256').update(value).digest('base64url')}`;
}

function writeEnvironment(path, settings) {
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(path, lines.join(''), { mode: 0o600 });
}

// The production file: names what is missing, and serves once it has it.
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Clients } from './clients.mjs';
import { docker, run } from './engine.mjs';

const AUDIENCE = 'https://api.example';
const HEALTHY_TIMEOUT_MS = 120_000;
const secret = () => randomBytes(32).toString('hex');

const client = { clientId: 'shop', clientSecret: secret(), username: 'carol', password: secret() };
const resourceServer = { clientId: 'api', clientSecret: secret() };
const secrets = {
  masterKey: randomBytes(32).toString('base64'),
  latchkey: secret(),
  resources: secret(),
  superuser: secret(),
  client: resourceServer.clientSecret,
};

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
  await step('give each container so much and no more, and no secret in its environment', () => {
    for (const service of ['authorization-server', 'resource-server', 'postgres']) {
      checkLimits(project.inspect(service));
    }
  });
  await step('name every package of the images in the bill of materials', () =>
    checkBill(project, join(directory, 'latchkey.cdx.json')),
  );
}

/** Whatever npm has put into the image is in the bill of materials, in the same version. */
function checkBill(project, file) {
  run(process.execPath, ['scripts/sbom.mjs', file]);
  const listed = new Set(
    JSON.parse(readFileSync(file, 'utf8')).components.map((component) => component['bom-ref']),
  );
  const script = `process.stdout.write(fs.readFileSync('/app/node_modules/.package-lock.json'))`;
  const { packages } = JSON.parse(project.compose(['exec', '-T', 'resource-server', 'node', '-e', script]));
  const installed = Object.entries(packages).filter(
    ([, entry]) => !entry.link && entry.integrity !== undefined,
  );
  ok(installed.length > 100, 'the image has no packages');
  const missing = installed
    .map(([path, { name, version }]) => `${name ?? path.replace(/^.*node_modules\//, '')}@${version}`)
    .filter((name) => !listed.has(name));
  deepEqual(missing, []);
}

function checkLimits({ Config: config, HostConfig: host, Name: name }) {
  equal(host.ReadonlyRootfs, true, name);
  deepEqual(host.CapDrop, ['ALL'], name);
  ok(host.SecurityOpt.includes('no-new-privileges:true'), name);
  equal(host.PidsLimit, 256, name);
  ok(host.Memory >= 2 ** 29 && host.Memory <= 2 ** 30, name);
  const written = JSON.stringify([config.Env, config.Cmd, config.Entrypoint]);
  for (const value of Object.values(secrets)) ok(!written.includes(value), `${name} shows a secret`);
}

/** One file for each, in a folder for each reader. */
function writeSecrets(directory) {
  const folder = join(directory, 'secrets');
  const url = (name, password) => `postgres://${name}:${password}@postgres/${name}`;
  for (const [path, content] of Object.entries({
    'authorization-server/master-key': secrets.masterKey,
    'authorization-server/database-url': url('latchkey', secrets.latchkey),
    'resource-server/client-secret': resourceServer.clientSecret,
    'resource-server/database-url': url('resources', secrets.resources),
    'database/superuser-password': secrets.superuser,
  })) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), `${content}\n`);
  }
  return folder;
}

/** The images of the example, unless others are to be tried: a mirror, or a stand-in where there is no registry. */
function images() {
  const example = readFileSync('.env.production.example', 'utf8');
  const pinned = (name) => new RegExp(`^${name}=(.+)$`, 'm').exec(example)[1];
  return Object.fromEntries(
    ['NODE_IMAGE', 'POSTGRES_IMAGE'].map((name) => [name, process.env[name] ?? pinned(name)]),
  );
}

function settingsFor(directory) {
  const configuration = join(directory, 'latchkey.yaml');
  writeFileSync(configuration, JSON.stringify(configurationFile()));
  // The servers are another user, who cannot enter a private folder's file unless it is open to all.
  chmodSync(configuration, 0o644);
  return {
    ISSUER: 'https://id.example',
    LATCHKEY_CONFIG: configuration,
    SECRETS: writeSecrets(directory),
    ...images(),
    AUDIENCE,
    CLIENT_ID: resourceServer.clientId,
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

// The development demo: it serves, it keeps what it has, and its containers and images are as closed as they should be.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { Clients } from './clients.mjs';
import { docker, run } from './engine.mjs';
import { imageProblems } from './image-contents.mjs';

const SERVERS = ['authorization-server', 'resource-server'];
const HEALTHY_TIMEOUT_MS = 120_000;

const demo = parse(readFileSync('apps/authorization-server/demo.yaml', 'utf8'));

/** @param step tells and times one step */
export async function checkDemo(project, ports, step) {
  await step('build and start the demo', () => start(project, '--build'));
  const clients = demoClients(ports);
  const kept = await step('log in, create and read a resource through the published ports', async () => {
    const tokens = await clients.logIn();
    const resource = await clients.create(tokens.access_token, { name: 'note', content: 'kept' });
    deepEqual(await clients.read(tokens.access_token, resource.id), resource);
    return { tokens, resource, secrets: generatedSecrets(project) };
  });
  await step('run without root, on a root file system that nobody can write', () =>
    SERVERS.forEach((service) => checkConfinement(project, service)),
  );
  await step('stop on SIGTERM', () => checkStop(project));
  await step('keep users, sessions, resources and secrets over `down` and `up`', async () => {
    project.compose(['down']);
    await start(project);
    const { access_token: token } = await clients.refresh(kept.tokens.refresh_token);
    deepEqual(await clients.read(token, kept.resource.id), kept.resource);
    const login = await clients.logIn();
    deepEqual(await clients.read(login.access_token, kept.resource.id), kept.resource);
    deepEqual(generatedSecrets(project), kept.secrets);
  });
  const published = demo.clients.map(({ client_secret: secret }) => secret);
  for (const service of [...SERVERS, 'init']) {
    const image = imageOf(project, service);
    await step(`find no secret and nothing unwanted in the image of ${service}`, async () =>
      deepEqual(await imageProblems(image, [...kept.secrets, ...published]), []),
    );
  }
  await step('stop without secrets, and name them', () => checkMissingSecrets(project));
  for (const service of SERVERS) console.log(`${sizeOf(imageOf(project, service))}  ${service}`);
}

async function start(project, ...options) {
  project.up(...options);
  await project.untilHealthy(SERVERS, HEALTHY_TIMEOUT_MS);
}

function demoClients(ports) {
  const client = demo.clients.find(({ grant_types: grantTypes }) => grantTypes?.includes('password'));
  const { username, password } = demo.users[0];
  return new Clients(ports, {
    clientId: client.client_id,
    clientSecret: client.client_secret,
    username,
    password,
  });
}

/** Everything random in the files that `init` wrote. */
function generatedSecrets(project) {
  const script = `for (const name of fs.globSync('/secrets/*/*')) console.log(fs.readFileSync(name, 'utf8'))`;
  const text = project.compose(['run', '--rm', '-T', 'init', 'node', '-e', script]);
  const secrets = [...new Set(text.match(/[A-Za-z0-9_-]{43}/g))].sort();
  // The master key, three passwords of PostgreSQL, the resource server's secret and its hash.
  equal(secrets.length, 6);
  return secrets;
}

function checkConfinement(project, service) {
  const { Config: config, HostConfig: host, NetworkSettings: network } = project.inspect(service);
  equal(host.ReadonlyRootfs, true);
  deepEqual(host.CapDrop, ['ALL']);
  ok(host.SecurityOpt.some((option) => option.startsWith('no-new-privileges')));
  equal(config.User, 'node');
  ok(!config.Env.some((variable) => /(SECRET|KEY|PASSWORD|URL)=.*[A-Za-z0-9_-]{43}/.test(variable)));
  for (const bindings of Object.values(network.Ports)) {
    for (const { HostIp: address } of bindings ?? []) equal(address, '127.0.0.1');
  }
  const script = `const fails = (path) => { try { fs.writeFileSync(path, ''); return 'written'; } catch (e) { return e.code; } };
    console.log([process.getuid() > 0, fails('/app/x'), fails('/etc/x'), fails('/secrets/x'), fails('/tmp/x')].join())`;
  const seen = project.compose(['exec', '-T', service, 'node', '-e', script]).trim();
  equal(seen, 'true,EROFS,EROFS,EROFS,written', service);
}

function checkStop(project) {
  const ids = SERVERS.map((service) => project.inspect(service).Id);
  project.compose(['stop', ...SERVERS]);
  // 137 is what the engine leaves behind when it had to kill.
  for (const id of ids) equal(docker('inspect', '--format', '{{.State.ExitCode}}', id).trim(), '0');
}

function checkMissingSecrets(project) {
  const required = {
    'authorization-server': ['ISSUER', 'LATCHKEY_MASTER_KEY'],
    'resource-server': ['AUTHORIZATION_SERVER_URL', 'AUDIENCE', 'CLIENT_ID', 'CLIENT_SECRET'],
  };
  for (const [service, names] of Object.entries(required)) {
    const image = imageOf(project, service);
    const { status, output } = run('docker', ['run', '--rm', image], { allowFailure: true });
    equal(status, 1, output);
    for (const name of names) ok(output.includes(`- ${name} is required`), `${name} in:\n${output}`);
  }
}

/** `init` has ended, and `ps -q` of Compose v2 shows only what runs. */
function imageOf(project, service) {
  const id = project.compose(['ps', '--all', '-q', service]).trim();
  return JSON.parse(docker('inspect', id))[0].Image;
}

function sizeOf(image) {
  const bytes = (name) => JSON.parse(docker('image', 'inspect', name))[0].Size;
  const megabytes = (size) => `${Math.round(size / 1e6)} MB`;
  const own = bytes(image) - bytes('node:24-bookworm-slim');
  return `${megabytes(bytes(image))} (${megabytes(own)} above the base image)`;
}

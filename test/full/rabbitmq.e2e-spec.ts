import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { blockWith } from '../docs/support/code-blocks.js';
import { aConfiguration, ALICE, type Configuration } from '../support/builders.js';
import { expectTokens } from '../support/expectations.js';
import type { Credentials } from '../support/http.js';
import {
  describeWithPrograms,
  startProgram,
  startService,
  writes,
  type Result,
} from '../support/programs.js';
import { credentialsOf } from '../support/sessions.js';
import { freePort } from '../support/ports.js';
import { startStack, type Stack } from '../support/stack.js';

const PAGE = 'docs/other-programs.md';
/** On a machine that is busy. */
const START_TIMEOUT_MS = 120_000;
const RSA = credentialsOf('rsa-worker');

describeWithPrograms('RabbitMQ', ['rabbitmq-server', 'amqp-tools'], () => {
  const shown = parse(blockWith(PAGE, 'client_id: orders-worker')) as Configuration;
  const [worker] = shown.clients;
  const WORKER = { clientId: worker?.client_id, secret: worker?.client_secret } as Credentials;
  const stops: (() => Promise<unknown>)[] = [];
  let stack: Stack;
  let port: number;

  beforeAll(async () => {
    const { scopes, clients, users } = aConfiguration();
    const rsa = { client_id: RSA.clientId, client_secret: RSA.secret, access_token_signing_alg: 'RS256' };
    stack = await startStack('sqlite', {
      configuration: {
        scopes: [...scopes, ...shown.scopes],
        clients: [...clients, ...shown.clients, { ...worker, ...rsa }],
        users,
      },
    });
    stops.push(() => stack.stop());
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-rabbitmq-'));
    stops.push(() => rm(folder, { recursive: true, force: true }));
    const tls = await startTls(folder, stack.issuer);
    stops.push(async () => tls.close());
    port = await freePort();
    const { port: tlsPort } = tls.address() as { port: number };
    await startRabbitMq(folder, `https://localhost:${tlsPort}`);
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  const startRabbitMq = async (folder: string, url: string): Promise<void> => {
    const configuration = blockWith(PAGE, 'auth_backends.1')
      .replace('https://id.example.com', url)
      .replace('/etc/ssl/certs/ca-certificates.crt', join(folder, 'ca.pem'));
    await writeFile(join(folder, 'rabbitmq.conf'), `listeners.tcp.1 = 127.0.0.1:${port}\n${configuration}`);
    await writeFile(join(folder, 'enabled_plugins'), blockWith(PAGE, '[rabbitmq_auth_backend_oauth2].'));
    const environment = {
      HOME: folder,
      LANG: 'C.UTF-8',
      ERL_EPMD_ADDRESS: '127.0.0.1',
      ERL_EPMD_PORT: String(await freePort()),
      RABBITMQ_NODENAME: 'rabbit@localhost',
      RABBITMQ_DIST_PORT: String(await freePort()),
      RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
      RABBITMQ_LOG_BASE: join(folder, 'log'),
      RABBITMQ_LOGS: '-',
      RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    };
    // Erlang's port mapper, which RabbitMQ would start in the background and leave there.
    stops.push(
      await startService({
        program: 'epmd',
        parameters: ['-debug'],
        environment,
        folder,
        ready: (child) => writes(child, 'epmd running'),
      }),
    );
    stops.push(
      await startService({
        // The script in /usr/sbin wants to be root or the user rabbitmq.
        program: '/usr/lib/rabbitmq/bin/rabbitmq-server',
        parameters: [],
        environment,
        folder,
        ready: (child) => writes(child, 'Server startup complete'),
      }),
    );
  };

  const tokenFor = async (client?: Credentials): Promise<string> =>
    expectTokens(await stack.login(ALICE, {}, client)).access_token;

  const amqp = (command: string, token: string, ...parameters: string[]): Promise<Result> =>
    startProgram(`amqp-${command}`, [
      ...['--server', '127.0.0.1', '--port', String(port), '--username', ALICE.username, '--password', token],
      ...parameters,
    ]).ended;

  it.each([
    ['ES256', WORKER],
    ['RS256', RSA],
  ])('takes tokens that are signed with %s, for what their scope permits', async (algorithm, client) => {
    const token = await tokenFor(client);
    expect(await amqp('declare-queue', token, '-q', 'orders')).toMatchObject({ status: 0 });
    expect(await amqp('publish', token, '-r', 'orders', '-b', algorithm)).toMatchObject({ status: 0 });
    expect(await amqp('get', token, '-q', 'orders')).toMatchObject({ status: 0, output: algorithm });
    const refused = await amqp('declare-queue', token, '-q', 'invoices');
    expect(refused).toMatchObject({ status: 1 });
    expect(refused.output).toContain(
      `access to queue 'invoices' in vhost '/' refused for user '${client.clientId}'`,
    );
  });

  it('takes no token for another API, and no other password', async () => {
    for (const password of [await tokenFor(), ALICE.password]) {
      const refused = await amqp('declare-queue', password, '-q', 'orders');
      expect(refused).toMatchObject({ status: 1 });
      expect(refused.output).toContain('Login was refused');
    }
  });
});

/** TLS before a server, with a certificate that an authority of its own has signed: RabbitMQ gets keys in no other way. */
async function startTls(folder: string, target: string): Promise<Server> {
  const file = (name: string): string => join(folder, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const ca = ['-CA', file('ca.pem'), '-CAkey', file('ca.key')];
  await writeFile(file('names'), 'subjectAltName=DNS:localhost\n');
  for (const parameters of [
    [
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      file('ca.key'),
      '-out',
      file('ca.pem'),
      '-subj',
      '/CN=test authority',
    ],
    ['req', ...newKey, '-keyout', file('site.key'), '-out', file('site.csr'), '-subj', '/CN=localhost'],
    ['x509', '-req', '-in', file('site.csr'), ...ca, '-out', file('site.pem'), '-extfile', file('names')],
  ]) {
    const { status, output } = await startProgram('openssl', parameters).ended;
    if (status !== 0) throw new Error(`openssl ended with ${status}:\n${output}`);
  }
  const [cert, key] = await Promise.all([readFile(file('site.pem')), readFile(file('site.key'))]);
  const { hostname, port } = new URL(target);
  const server = createServer({ cert, key }, (client) => {
    const behind = connect(Number(port), hostname);
    client.pipe(behind).pipe(client);
    for (const socket of [client, behind])
      socket.on('error', () => [client, behind].map((end) => end.destroy()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

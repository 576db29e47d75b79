import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../support/databases.js';
import { send } from '../support/http.js';
import { LatchkeyProcess } from '../support/latchkey.js';
import { createServerDatabase } from '../support/server-databases.js';
import { ServerProcess } from '../support/server-process.js';
import { freePort } from '../support/ports.js';

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

describe.each(['authorization-server', 'resource-server'] as const)('The settings of the %s', (program) => {
  let database: TestDatabase;
  let server: ServerProcess;

  beforeEach(async () => {
    database = await (program === 'authorization-server' ? createServerDatabase : createDatabase)('sqlite');
  });

  afterEach(async () => {
    await server.stop('SIGKILL');
    await database.drop();
  });

  const launch = async (environment: Record<string, string>): Promise<ServerProcess> => {
    server = ServerProcess.launch({
      program,
      environment: {
        PORT: String(await freePort()),
        DATABASE_URL: database.url,
        AUTHORIZATION_SERVER_URL: 'http://127.0.0.1:9',
        CLIENT_ID: 'api',
        CLIENT_SECRET: 'a-secret-of-the-resource-server-01',
        AUDIENCE: 'https://api.example.com',
        ...environment,
      },
    });
    return server;
  };

  /** What it wrote before it ended with 1. */
  const refusal = async (environment: Record<string, string>): Promise<string[]> => {
    const { ended, lines } = await launch(environment);
    expect(await ended).toBe(1);
    return lines.filter((line) => !line.startsWith('{'));
  };

  it('are refused where they are wrong, all at once, and none has a silent replacement', async () => {
    const wrong = {
      NODE_ENV: 'prod',
      HOST: '127.0.0.1:3000',
      METRICS_HOST: 'a b',
      ISSUER: 'https://login.example.com\n',
    };
    const problems = (await refusal(wrong)).filter((line) => line.startsWith('  - '));
    expect(problems.sort()).toEqual([
      '  - HOST must be an IP address or a host name, without a scheme and a port',
      '  - ISSUER must be an http or https URL without user name, query, fragment, spaces and line breaks',
      '  - METRICS_HOST must be an IP address or a host name, without a scheme and a port',
      '  - NODE_ENV must be one of production, development, test',
    ]);
  });

  it('name the variable of a host that is not here, in one line', async () => {
    expect(await refusal({ HOST: 'unknown.invalid' })).toEqual([
      'HOST unknown.invalid is a name without an address. Set HOST to an address of this machine.',
    ]);
    expect(await refusal({ HOST: '192.0.2.1' })).toEqual([
      'HOST 192.0.2.1 is no address of this machine. Set HOST to one that it has, or to 0.0.0.0 for all.',
    ]);
  });

  describe('where another program listens', () => {
    let other: Server;

    beforeEach(async () => {
      other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
    });

    afterEach(() => void other.close());

    it('name the port and its variable', async () => {
      const { port } = other.address() as AddressInfo;
      expect(await refusal({ PORT: String(port) })).toEqual([
        `PORT ${port} is taken: another program listens there on 127.0.0.1. Stop that program, or set another PORT.`,
      ]);
      expect(await refusal({ METRICS_PORT: String(port) })).toEqual([
        `METRICS_PORT ${port} is taken: another program listens there on 127.0.0.1. Stop that program, or set another METRICS_PORT.`,
      ]);
    });
  });

  const hosts = hasIpv6 ? ['::1', '[::1]', '::', '0.0.0.0', 'localhost'] : ['0.0.0.0', 'localhost'];

  it.each(hosts)('print the right URL for HOST=%s', async (host) => {
    const { lines, ended } = await launch({ HOST: host });
    await Promise.race([server.logs('"msg":"ready"'), ended]);
    const ready = lines.find((line) => line.includes('"msg":"ready"')) ?? '';
    const { url } = JSON.parse(ready) as { url: string };
    expect(new URL(url).href).toBe(`${url}/`);
    expect((await send(`${url}/health/ready`)).status).toBe(200);
  });
});

describe('The settings of the command line', () => {
  it('refuse NODE_ENV=prod', async () => {
    const run = await new LatchkeyProcess().run(['bootstrap'], { environment: { NODE_ENV: 'prod' } });
    expect(run).toMatchObject({ status: 2, stdout: '' });
    expect(run.stderr).toContain('NODE_ENV must be one of production, development, test');
  });
});

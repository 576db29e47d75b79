import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Balancer } from '../support/balancer.js';
import { aConfiguration } from '../support/builders.js';
import type { TestDatabase } from '../support/databases.js';
import { startMixedLoad } from '../support/mixed-load.js';
import { createServerDatabase } from '../support/server-databases.js';
import { ServerProcess } from '../support/server-process.js';
import { freePort } from '../support/ports.js';

describe('A rolling restart of two servers behind a balancer', () => {
  let folder: string;
  let database: TestDatabase;
  let balancer: Balancer | undefined;
  const servers: ServerProcess[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-rolling-'));
    database = await createServerDatabase('postgres');
  });

  afterEach(async () => {
    await balancer?.close();
    for (const server of servers.splice(0)) await server.stop('SIGKILL');
    await database.drop();
    await rm(folder, { recursive: true });
  });

  it('loses no request', async () => {
    const configuration = join(folder, 'latchkey.json');
    await writeFile(configuration, JSON.stringify(aConfiguration()));
    const environment = {
      DATABASE_URL: database.url,
      ISSUER: 'https://login.example.com',
      LATCHKEY_CONFIG: configuration,
      SHUTDOWN_DELAY: '3',
      HASH_QUEUE_DEADLINE_MS: '30000',
    };
    const options = [];
    for (const PORT of [await freePort(), await freePort()]) {
      options.push({ environment: { ...environment, PORT: String(PORT) } });
    }
    for (const each of options) servers.push(await ServerProcess.start(each));
    balancer = await Balancer.inFrontOf(servers.map(({ url }) => url));
    for (const { url } of servers) await balancer.until(url, true);

    const load = startMixedLoad(balancer.url, 4);
    for (const [index, each] of options.entries()) {
      await load.moves();
      const server = servers[index];
      if (server === undefined) throw new Error('The server is gone');
      server.signal('SIGTERM');
      await balancer.until(server.url, false);
      await load.moves();
      expect(await server.ended).toBe(0);
      servers[index] = await ServerProcess.start(each);
      await balancer.until(server.url, true);
    }
    await load.moves();
    const { failures, counts } = await load.stop();
    expect(failures).toEqual([]);
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(0);
  }, 120_000);
});

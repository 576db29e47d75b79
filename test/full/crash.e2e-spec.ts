import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { crashAgainAndAgain, Ledger } from '../../bench/support/ledger.mjs';
import { aClient, aConfiguration, ALICE, BOB, SHOP } from '../support/builders.js';
import { describeEachDatabase, type TestDatabase } from '../support/databases.js';
import { createServerDatabase } from '../support/server-databases.js';
import { ServerProcess } from '../support/server-process.js';
import { freePort } from '../support/ports.js';

const ROUNDS = 5;

/** `node bench/crash.mjs` does it more often, and to PostgreSQL too. */
describeEachDatabase('kill -9 of the server', (dialect) => {
  let folder: string;
  let database: TestDatabase;
  let server: ServerProcess;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-crash-'));
    database = await createServerDatabase(dialect);
  });

  afterEach(async () => {
    await server.stop('SIGKILL');
    await database.drop();
    await rm(folder, { recursive: true });
  });

  it('loses nothing that was acknowledged', async () => {
    const configuration = join(folder, 'latchkey.json');
    const clients = [aClient({ may_introspect: true })];
    await writeFile(configuration, JSON.stringify(aConfiguration({ clients })));
    const environment = {
      PORT: String(await freePort()),
      ISSUER: 'https://login.example.com',
      DATABASE_URL: database.url,
      LATCHKEY_CONFIG: configuration,
      HASH_QUEUE_DEADLINE_MS: '30000',
      REFRESH_TOKEN_GRACE: '60',
      // A login that is cut off counts as an attempt.
      THROTTLE_FREE_ATTEMPTS: '100',
    };
    server = await ServerProcess.start({ environment });
    const ledger = new Ledger(server.url, SHOP, [ALICE, BOB]);
    await crashAgainAndAgain(ledger, {
      rounds: ROUNDS,
      crash: () => server.stop('SIGKILL'),
      recover: async () => {
        server = await ServerProcess.start({ environment });
      },
    });
    expect(ledger.findings).toEqual([]);
    expect(ledger.acknowledged.logins).toBeGreaterThan(ROUNDS);
    expect(ledger.acknowledged.rotations).toBeGreaterThan(0);
  }, 180_000);
});

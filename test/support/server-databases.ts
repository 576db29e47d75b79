import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { insertInto, openDatabase, parseDatabaseUrl } from '@latchkey/platform/database';
import { createLogger } from '@latchkey/platform/logging';
import { newDataKey } from '../../apps/authorization-server/src/data-keys/data-key.js';
import { MASTER_KEY_CHECK } from '../../apps/authorization-server/src/data-keys/data-key-initialiser.js';
import { wrapDataKey } from '../../apps/authorization-server/src/data-keys/data-key-wrapping.js';
import { MasterKey } from '../../apps/authorization-server/src/data-keys/master-key.js';
import { authorizationServerSchema } from '../../apps/authorization-server/src/schema.js';
import { MASTER_KEY } from './builders.js';
import { createDatabase, type Dialect, type TestDatabase } from './databases.js';

const STATES = ['active', 'next'] as const;

const templates = new Map<Dialect, Promise<string>>();

/**
 * A database with the tables of the authorization server and the RSA keys of this test run, for {@link MASTER_KEY}: a copy
 * of one that each worker of Jest sets up once. The tables and the keys take longer than the rest of a start. All other
 * keys of a server are its own, and a server on an empty database makes these too.
 */
export async function createServerDatabase(dialect: Dialect): Promise<TestDatabase> {
  const template = templates.get(dialect) ?? findOrCreateTemplate(dialect);
  templates.set(dialect, template);
  return createDatabase(dialect, await template);
}

/** The test files of a worker have nothing in common but the folder of the run. */
async function findOrCreateTemplate(dialect: Dialect): Promise<string> {
  const { TEST_FOLDER = '', JEST_WORKER_ID = '' } = process.env;
  const note = join(TEST_FOLDER, `template-${dialect}-${JEST_WORKER_ID}`);
  const noted = await readFile(note, 'utf8').catch(() => null);
  if (noted !== null) return noted;
  const database = await createDatabase(dialect);
  await storeRsaKeys(database);
  await writeFile(note, database.url);
  return database.url;
}

async function storeRsaKeys({ url }: TestDatabase): Promise<void> {
  const keys = process.env.TEST_RSA_KEYS?.split(' ') ?? [];
  const masterKey = new MasterKey(Buffer.from(MASTER_KEY, 'base64'));
  const parsed = parseDatabaseUrl(url, (problem) => {
    throw new Error(problem);
  });
  if (parsed === null) throw new Error(`${url} is no database`);
  const database = await openDatabase(parsed, authorizationServerSchema, createLogger('test', 'silent'));
  try {
    await database.transaction(async (tx) => {
      await tx.query(insertInto('settings', { name: MASTER_KEY_CHECK, value: masterKey.checkValue }));
      for (const [index, state] of STATES.entries()) {
        const material = Buffer.from(keys[index] ?? '', 'base64');
        const { kid, purpose, wrapped } = wrapDataKey(
          newDataKey('signing-rs256', state, material),
          masterKey,
        );
        await tx.query(insertInto('data_keys', { kid, purpose, state, wrapped, created_at: database.now }));
      }
    });
  } finally {
    await database.close();
  }
}

import { createLogger, insertInto, openDatabase, parseDatabaseUrl } from '@latchkey/platform';
import { newDataKey } from '../../apps/authorization-server/src/data-keys/data-key.js';
import { MASTER_KEY_CHECK } from '../../apps/authorization-server/src/data-keys/data-key-initialiser.js';
import { wrapDataKey } from '../../apps/authorization-server/src/data-keys/data-key-wrapping.js';
import { MasterKey } from '../../apps/authorization-server/src/data-keys/master-key.js';
import { authorizationServerSchema } from '../../apps/authorization-server/src/database/schema.js';
import { MASTER_KEY } from './builders.js';
import type { TestDatabase } from './databases.js';

const STATES = ['active', 'next'] as const;

/**
 * Puts the RSA keys of this test run into an empty database: to make new ones takes longer than the rest of a start. All
 * other keys of a server are its own, and servers of another process or on a database of a test's own make these too.
 */
export async function storeRsaKeys({ url }: TestDatabase): Promise<void> {
  const keys = process.env.TEST_RSA_KEYS?.split(' ') ?? [];
  const masterKey = new MasterKey(Buffer.from(MASTER_KEY, 'base64'));
  const parsed = parseDatabaseUrl(url, (problem) => {
    throw new Error(problem);
  });
  if (parsed === null) throw new Error(`${url} is no database`);
  const database = await openDatabase(parsed, authorizationServerSchema, createLogger('test', 'silent'));
  try {
    await database.write(function* () {
      yield insertInto('settings', { name: MASTER_KEY_CHECK, value: masterKey.checkValue });
      for (const [index, state] of STATES.entries()) {
        const material = Buffer.from(keys[index] ?? '', 'base64');
        const { kid, purpose, wrapped } = wrapDataKey(
          newDataKey('signing-rs256', state, material),
          masterKey,
        );
        yield insertInto('data_keys', { kid, purpose, state, wrapped, created_at: database.now });
      }
    });
  } finally {
    await database.close();
  }
}

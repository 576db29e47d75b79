import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../support/databases.js';
import { LatchkeyInProcess, offlineEnvironment, type Run } from '../support/latchkey.js';
import { startStack, type Stack } from '../support/stack.js';

const NOTHING = { scopes: [], clients: [], users: [] };
const API = 'https://api.example.com/';
const PASSWORD = 'tray mortal crisp lantern';

let first: TestDatabase;
let second: TestDatabase;
let stacks: Stack[];

beforeEach(async () => {
  [first, second] = [await createDatabase('sqlite'), await createDatabase('postgres')];
  stacks = [];
});

afterEach(async () => {
  for (const stack of stacks) await stack.stop();
  await first.drop();
  await second.drop();
});

/** The command line alone, as an administrator with nothing but an empty server would use it. */
it('takes an empty server to logins, and another one to the same logins', async () => {
  const latchkey = new LatchkeyInProcess();
  const start = async (database: TestDatabase): Promise<Stack> => {
    const stack = await startStack(database.dialect, { database, configuration: NOTHING });
    stacks.push(stack);
    return stack;
  };

  // Offline: the first administrator.
  const offline = (database: TestDatabase) => ({ environment: offlineEnvironment(database) });
  await latchkey.succeed(['migrate'], offline(first));
  const bootstrap = await latchkey.succeed(['bootstrap', '--json'], offline(first));
  const administrator = bootstrap.json as { client_id: string; client_secret: string };

  // On the running server.
  const stack = await start(first);
  const run = (arguments_: string[], input = ''): Promise<Run> =>
    latchkey.succeed(arguments_, {
      environment: {
        LATCHKEY_URL: stack.issuer,
        LATCHKEY_CLIENT_ID: administrator.client_id,
        LATCHKEY_CLIENT_SECRET: administrator.client_secret,
      },
      input,
    });
  await run(['scopes', 'create', 'orders:read', '--description', 'Read orders']);
  const created = await run([
    ...['clients', 'create', 'shop', '--grant-types', 'password,refresh_token', '--json'],
    ...['--scope', 'orders:read', '--default-scope', 'orders:read', '--audience', API],
  ]);
  const { client_secret: secret } = created.json as { client_secret: string };
  expect(created.stderr).toContain('shown this once');
  expect((await run(['clients', 'show', 'shop'])).stdout).not.toContain(secret);
  await run(['users', 'create', 'alice', '--groups', 'staff', '--password-stdin'], PASSWORD);
  const alice = (await run(['users', 'show', 'alice', '--json'])).json as { sub: string };

  const tried = await run(
    ['login', 'alice', '--client-id', 'shop', '--secrets-stdin', '--keep'],
    `${secret}\n${PASSWORD}\n`,
  );
  expect(tried.stdout).toMatch(/scope: +orders:read/);
  expect(tried.stdout + tried.stderr).not.toMatch(/lkr_|lka_|eyJ/);

  const list = async () => (await run(['authorizations', 'list', '--user', 'alice', '--json'])).json;
  const [authorization] = (await list()) as { id: string; state: string }[];
  expect(authorization).toMatchObject({ client_id: 'shop', username: 'alice', state: 'live' });
  await run(['authorizations', 'revoke', authorization?.id ?? '']);
  expect((await run(['authorizations', 'show', authorization?.id ?? '', '--json'])).json).toMatchObject({
    state: 'revoked',
  });
  const events = await run(['audit-events', '--subject', alice.sub, '--json']);
  expect((events.json as { kind: string }[]).map(({ kind }) => kind)).toEqual([
    'authorization_revoked',
    'login',
    'user_created',
  ]);

  expect((await run(['password-grant-usage'])).stdout).toMatch(/^shop +- +1 +1 /m);
  expect((await run(['password-grant-usage', 'shop'])).stdout).toContain(alice.sub);

  // A server holds its SQLite file, so the export waits until it has stopped.
  const refused = await latchkey.run(['export', '--with-secrets'], offline(first));
  expect(refused).toMatchObject({ status: 1, stdout: '' });
  expect(refused.stderr).toContain('in use by another process');
  await stacks.pop()?.stop();
  const exported = await latchkey.succeed(['export', '--with-secrets'], offline(first));
  expect(exported.stdout).not.toContain(PASSWORD);
  expect(exported.stdout).not.toContain(secret);
  await latchkey.succeed(['migrate'], offline(second));
  await latchkey.succeed(['apply', '-f', '-'], { ...offline(second), input: exported.stdout });

  // The same login, and the same resource owner, on the other server.
  const other = await start(second);
  const environment = {
    LATCHKEY_URL: other.issuer,
    LATCHKEY_CLIENT_ID: administrator.client_id,
    LATCHKEY_CLIENT_SECRET: administrator.client_secret,
  };
  await latchkey.succeed(['login', 'alice', '--client-id', 'shop', '--secrets-stdin'], {
    environment,
    input: `${secret}\n${PASSWORD}\n`,
  });
  const there = await latchkey.succeed(['users', 'show', 'alice', '--json'], { environment });
  expect(there.json).toMatchObject({ sub: alice.sub, groups: ['staff'] });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hashClientSecret } from '../../apps/authorization-server/src/clients/client-secret-hash.js';
import { aClient, aConfiguration, ALICE, aResourceServer, aUser, BOB, SHOP } from '../support/builders.js';
import { createDatabase, type Dialect, type TestDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { LatchkeyInProcess, offlineEnvironment, type Latchkey } from '../support/latchkey.js';
import { credentialsOf } from '../support/sessions.js';
import { startStack } from '../support/stack.js';

const NOTHING = { scopes: [], clients: [], users: [] };
const OLD_SECRET = 'the-old-secret-0123456789abcdefghijkl';
const ENDED_SECRET = 'the-ended-secret-0123456789abcdefghij';

/** Whatever an entry can say, so that nothing of it is lost on the way. */
const CONFIGURATION = aConfiguration({
  scopes: [{ name: 'resources:read', description: 'Read: "all"\nof it' }, { name: 'resources:write' }],
  clients: [
    aClient({
      client_secret: undefined,
      client_secrets: [
        { hash: hashClientSecret(SHOP.secret) },
        { hash: hashClientSecret(OLD_SECRET), expires_at: '2999-12-31T12:00:00.123Z' },
        { hash: hashClientSecret(ENDED_SECRET), expires_at: '2020-01-01T00:00:00Z' },
      ],
      client_name: '# Shop: "back" end',
      access_token_format: 'opaque',
      access_token_signing_alg: 'RS256',
      access_token_ttl: 77,
      refresh_token_policy: 'limited',
      refresh_token_max_uses: 3,
      refresh_token_ttl: 1000,
      refresh_token_idle_ttl: 100,
      refresh_token_grace: 0,
      refresh_token_max_retries: 2,
      forwards_end_user_address: true,
      password_grant_until: '2999-12-31',
    }),
    aClient({ client_id: 'disabled', client_secret: credentialsOf('disabled').secret, enabled: false }),
    {
      client_id: 'browser',
      client_type: 'public',
      grant_types: ['refresh_token'],
      audience: ['https://a.example'],
    },
    aResourceServer(),
  ],
  users: [
    aUser({ sub: 'alice-0001', groups: ['staff', 'true', '007'], allowed_scope: 'resources:read' }),
    aUser({ ...BOB, enabled: false }),
    aUser({ username: 'дмитрий' }),
  ],
});

describe.each<[Dialect, Dialect]>([
  ['sqlite', 'postgres'],
  ['postgres', 'sqlite'],
])('A server on %s, reproduced on %s', (from, to) => {
  let source: TestDatabase;
  let target: TestDatabase;
  let latchkey: Latchkey;

  const at = (database: TestDatabase) => ({ environment: offlineEnvironment(database) });

  const exported = async (database: TestDatabase) =>
    (await latchkey.succeed(['export', '--with-secrets'], at(database))).stdout;

  beforeEach(async () => {
    [source, target] = [await createDatabase(from), await createDatabase(to)];
    latchkey = new LatchkeyInProcess();
    for (const database of [source, target]) await latchkey.succeed(['migrate'], at(database));
    await latchkey.succeed(['apply', '-f', '-'], { ...at(source), input: JSON.stringify(CONFIGURATION) });
  });

  afterEach(async () => {
    await source.drop();
    await target.drop();
  });

  it('has the same scopes, clients and users, and lets in the same ones', async () => {
    const yaml = await exported(source);
    await latchkey.succeed(['apply', '-f', '-'], { ...at(target), input: yaml });
    expect(await exported(target)).toBe(yaml);

    const stack = await startStack(to, { database: target, configuration: NOTHING });
    const answer = await stack.login(ALICE);
    expect(expectTokens(answer)).toMatchObject({ expires_in: 77, scope: 'resources:read' });
    expect((await stack.introspect(expectTokens(answer).access_token)).json).toMatchObject({
      active: true,
      sub: 'alice-0001',
      groups: ['staff', 'true', '007'],
    });
    expectTokens(await stack.login(ALICE, {}, { ...SHOP, secret: OLD_SECRET }));
    expectOAuthError(await stack.login(ALICE, {}, { ...SHOP, secret: ENDED_SECRET }), 401, 'invalid_client');
    expectOAuthError(await stack.login(BOB), 400, 'invalid_grant');
    expectOAuthError(await stack.login(ALICE, {}, credentialsOf('disabled')), 401, 'invalid_client');
    await stack.stop();
  });

  it('is refused without secrets, because nobody could log in', async () => {
    const { stdout } = await latchkey.succeed(['export', '--format', 'json'], at(source));
    const run = await latchkey.run(['apply', '-f', '-'], { ...at(target), input: stdout });
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/clients\[\d\]\.client_secret: is required/);
    expect(run.stderr).toMatch(/users\[\d\]\.password: is required/);
  });

  it('changes nothing where it came from, with and without secrets', async () => {
    for (const options of [[], ['--with-secrets']]) {
      const { stdout } = await latchkey.succeed(['export', ...options], at(source));
      const run = await latchkey.succeed(['apply', '-f', '-', '--again', '--json'], {
        ...at(source),
        input: stdout,
      });
      const { changes } = run.json as { changes: { action: string }[] };
      expect(new Set(changes.map(({ action }) => action))).toEqual(new Set(['unchanged']));
    }
  });
});

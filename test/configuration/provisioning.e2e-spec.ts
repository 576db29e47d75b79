import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { administerClient, administerUser } from '../support/administration.js';
import { aClient, aConfiguration, ALICE, aUser, BOB, OTHER, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { Installation } from '../support/installation.js';
import { claimsOf, expectSession, isActive } from '../support/sessions.js';
import type { Stack } from '../support/stack.js';

const NEW_PASSWORD = 'new correct horse battery staple';
const NEW_SECRET = 'another-shop-secret-0123456789abcdef';
const ISSUER = { ISSUER: 'https://login.example.com' };

const auditCount = async (stack: Stack): Promise<unknown> =>
  (await stack.database.query(sql`SELECT count(*) AS count FROM audit_events`))[0]?.count;

const kinds = async (stack: Stack): Promise<unknown[]> =>
  (await stack.database.query(sql`SELECT kind FROM audit_events ORDER BY occurred_at, id`)).map(
    ({ kind }) => kind,
  );

describeEachDatabase('The configuration file', (dialect) => {
  let installation: Installation;

  /** Applies a file over the one of before. */
  const during = (
    changes: Parameters<typeof aConfiguration>[0],
    use: (stack: Stack) => Promise<void>,
  ): Promise<void> => installation.during(aConfiguration(changes), use, ISSUER);

  beforeEach(async () => {
    installation = await Installation.create(dialect);
  });

  afterEach(() => installation.drop());

  it('revives no old secret of a client that was public for a while', async () => {
    const asPublic = { client_type: 'public', client_secret: undefined, grant_types: ['refresh_token'] };
    await during({}, () => Promise.resolve());
    await during({ clients: [aClient(asPublic)] }, () => Promise.resolve());
    await during({ clients: [aClient({ client_secret: NEW_SECRET })] }, async (stack) => {
      expectOAuthError(await stack.login(ALICE), 401, 'invalid_client');
      expectTokens(await stack.login(ALICE, {}, { ...SHOP, secret: NEW_SECRET }));
    });
  });

  it('brings back no secret that an administrator has deleted', async () => {
    await during({}, async (stack) => {
      await administerClient(stack, SHOP.clientId).deleteSecrets();
      expectOAuthError(await stack.login(ALICE), 401, 'invalid_client');
    });
    await during({ clients: [aClient({ access_token_ttl: 60 })] }, async (stack) => {
      expectOAuthError(await stack.login(ALICE), 401, 'invalid_client');
    });
    await during({ clients: [aClient({ access_token_ttl: 61, reset: true })] }, async (stack) => {
      expectTokens(await stack.login(ALICE));
    });
  });

  it('creates what it names, with an audit event each, and says who did it', async () => {
    await during({}, async (stack) => {
      const events = await kinds(stack);
      expect(events.filter((kind) => kind === 'client_created')).toHaveLength(3);
      expect(events.filter((kind) => kind === 'user_created')).toHaveLength(2);
      expect(events.at(-1)).toBe('configuration_applied');
      const actors = await stack.database.query(
        sql`SELECT DISTINCT actor FROM audit_events WHERE kind LIKE 'user%'`,
      );
      expect(actors).toEqual([{ actor: 'configuration' }]);
    });
  });

  it('does nothing when it is the same file again', async () => {
    const before = await installation.during(aConfiguration(), auditCount);
    expect(await installation.during(aConfiguration(), auditCount)).toBe(before);
  });

  it('updates what changed and nothing else', async () => {
    const before = await installation.during(aConfiguration(), auditCount);
    const changed = aConfiguration({
      clients: [aClient({ access_token_ttl: 60 }), aClient({ client_id: OTHER.clientId })],
    });
    await installation.during(changed, async (stack) => {
      expect((await kinds(stack)).slice(Number(before))).toEqual(['client_updated', 'configuration_applied']);
      expect(expectTokens(await stack.login(ALICE)).expires_in).toBe(60);
    });
  });

  it('leaves alone what it no longer names', async () => {
    await during({}, () => Promise.resolve());
    await during({ clients: [], users: [], scopes: [] }, async (stack) => {
      expectTokens(await stack.login(ALICE));
      expectTokens(await stack.login(BOB, {}, OTHER));
    });
  });

  it('ends no session by a change that does not have to', async () => {
    let session = await installation.during(
      aConfiguration(),
      async (stack) => expectSession(await stack.login(ALICE)),
      ISSUER,
    );
    await during({ clients: [aClient({ client_name: 'Renamed' })] }, async (stack) => {
      expect(await isActive(stack, session)).toBe(true);
      session = expectSession(await stack.refresh(session.refresh_token));
    });
  });

  describe('passwords and secrets', () => {
    it('are initial: a later file does not change them', async () => {
      await during({}, () => Promise.resolve());
      const users = [aUser({ password: NEW_PASSWORD })];
      await during({ users, clients: [aClient({ client_secret: NEW_SECRET })] }, async (stack) => {
        expectTokens(await stack.login(ALICE));
        expectOAuthError(await stack.login({ ...ALICE, password: NEW_PASSWORD }), 400, 'invalid_grant');
        const renewed = { ...SHOP, secret: NEW_SECRET };
        expectOAuthError(await stack.login(ALICE, {}, renewed), 401, 'invalid_client');
      });
    });

    it('are replaced with reset, and the sessions of before are over', async () => {
      const session = await installation.during(
        aConfiguration(),
        async (stack) => expectSession(await stack.login(ALICE)),
        ISSUER,
      );
      const users = [aUser({ password: NEW_PASSWORD, reset: true })];
      const clients = [aClient({ client_secret: NEW_SECRET, reset: true })];
      await during({ users, clients }, async (stack) => {
        const renewed = { ...SHOP, secret: NEW_SECRET };
        expect(await isActive(stack, session)).toBe(false);
        expectOAuthError(await stack.login(ALICE), 401, 'invalid_client');
        expectOAuthError(await stack.login(ALICE, {}, renewed), 400, 'invalid_grant');
        expectTokens(await stack.login({ ...ALICE, password: NEW_PASSWORD }, {}, renewed));
      });
    });

    it('need not be there for what exists already', async () => {
      await during({}, () => Promise.resolve());
      const withoutSecret = aClient({ client_secret: undefined, client_name: 'Renamed' });
      await during({ clients: [withoutSecret], users: [{ username: 'alice' }] }, async (stack) => {
        expectTokens(await stack.login(ALICE));
      });
    });
  });

  describe('does not overrule an administrator', () => {
    it('who disabled a user or a client', async () => {
      await during({}, async (stack) => {
        await administerUser(stack, 'alice').disable();
        await administerClient(stack, OTHER.clientId).disable();
      });
      const clients = [aClient({ client_id: OTHER.clientId, client_secret: OTHER.secret, enabled: true })];
      await during({ clients, users: [aUser({ enabled: true })] }, async (stack) => {
        expectOAuthError(await stack.login(ALICE), 400, 'invalid_grant');
        expectOAuthError(await stack.login(BOB, {}, OTHER), 401, 'invalid_client');
      });
    });

    it('who deleted a user or a client', async () => {
      await during({}, async (stack) => {
        await administerUser(stack, 'alice').delete();
        await administerClient(stack, OTHER.clientId).delete();
      });
      await during({ users: [aUser({ groups: ['staff'] })] }, async (stack) => {
        expectOAuthError(await stack.login(ALICE), 400, 'invalid_grant');
        expectOAuthError(await stack.login(BOB, {}, OTHER), 401, 'invalid_client');
      });
    });
  });

  it('disables and enables what it disabled itself; enabling revives no session', async () => {
    const session = await installation.during(
      aConfiguration(),
      async (stack) => expectSession(await stack.login(ALICE)),
      ISSUER,
    );
    await during({ users: [aUser({ enabled: false })] }, async (stack) => {
      expect(await isActive(stack, session)).toBe(false);
      expectOAuthError(await stack.login(ALICE), 400, 'invalid_grant');
    });
    await during({ users: [aUser({ enabled: true })] }, async (stack) => {
      expect(await isActive(stack, session)).toBe(false);
      expectTokens(await stack.login(ALICE));
    });
  });

  it('gives a user the sub, the groups and the limit that it names', async () => {
    const users = [
      aUser({ sub: 'alice-0001', groups: ['staff', 'admins'], allowed_scope: 'resources:read' }),
    ];
    await during({ users }, async (stack) => {
      const tokens = expectTokens(await stack.login(ALICE));
      expect(tokens.scope).toBe('resources:read');
      expect(claimsOf(tokens)).toMatchObject({ sub: 'alice-0001', groups: ['staff', 'admins'] });
    });
  });

  it('may be YAML, with comments and dates', async () => {
    const stack = await installation.startWith(`
# The shop
scopes: [{ name: read }]
clients:
  - client_id: ${SHOP.clientId}
    client_secret: ${SHOP.secret}
    grant_types: [password]
    scope: read
    default_scope: read
    audience: [https://api.example.com/]
    password_grant_until: 2999-12-31
users:
  - { username: alice, password: ${ALICE.password} }
`);
    expect(expectTokens(await stack.login(ALICE)).scope).toBe('read');
    await stack.stop();
  });

  it.each([
    ['empty lists', 'scopes: []\nclients: []\nusers: []'],
    ['lists with nothing below', 'scopes:\nclients:\nusers:\n'],
    ['no lists', '{}'],
  ])('may name nothing: %s', async (_, text) => {
    const stack = await installation.startWith(text);
    expectOAuthError(await stack.login(ALICE), 401, 'invalid_client');
    await stack.stop();
  });

  it('is applied once by servers that start at the same time', async () => {
    if (dialect === 'sqlite') return;
    const stacks = await Promise.all([1, 2, 3].map(() => installation.start(aConfiguration())));
    const [first] = stacks as [Stack];
    const events = await kinds(first);
    expect(events.filter((kind) => kind === 'configuration_applied')).toHaveLength(1);
    expect(events.filter((kind) => kind === 'client_created')).toHaveLength(3);
    expect(events.filter((kind) => kind === 'user_created')).toHaveLength(2);
    for (const stack of stacks) {
      expectTokens(await stack.login(ALICE));
      await stack.stop();
    }
  });
});

import { afterEach, beforeEach, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { administerClient } from '../support/administration.js';
import { aConfiguration } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import type { Credentials } from '../support/http.js';
import { Installation } from '../support/installation.js';
import { credentialsOf } from '../support/sessions.js';
import type { Stack } from '../support/stack.js';

const ROOT = credentialsOf('root');
const OTHER_ROOT = credentialsOf('other-root');

const bootstrap = ({ clientId, secret }: Credentials) => ({
  LATCHKEY_BOOTSTRAP_CLIENT_ID: clientId,
  LATCHKEY_BOOTSTRAP_CLIENT_SECRET: secret,
});

/** A client that is known and may not introspect is refused with 403; one that is not, with 401. */
const isKnown = async (stack: Stack, client: Credentials): Promise<boolean> => {
  const { status } = await stack.introspect('token', client);
  expect([401, 403]).toContain(status);
  return status === 403;
};

describeEachDatabase('The bootstrap client', (dialect) => {
  let installation: Installation;

  beforeEach(async () => {
    installation = await Installation.create(dialect);
  });

  afterEach(() => installation.drop());

  it('is created once with every administrative scope, confidential, for the server alone', async () => {
    await installation.during(
      aConfiguration(),
      async (stack) => {
        expect(await isKnown(stack, ROOT)).toBe(true);
        const registration = await administerClient(stack, ROOT.clientId).registration();
        expect(registration).toMatchObject({
          clientType: 'confidential',
          grantTypes: ['client_credentials'],
          audience: [stack.issuer],
          mayIntrospect: false,
        });
        const scopes = await stack.database.query<{ name: string }>(
          sql`SELECT name FROM scopes WHERE name LIKE 'admin:%'`,
        );
        expect([...registration.scope].sort()).toEqual(scopes.map(({ name }) => name).sort());
        expect(scopes.length).toBeGreaterThan(0);
      },
      bootstrap(ROOT),
    );
  });

  it('is not changed by another secret in the environment', async () => {
    await installation.apply(aConfiguration(), bootstrap(ROOT));
    const another = { ...ROOT, secret: OTHER_ROOT.secret };
    await installation.during(
      aConfiguration(),
      async (stack) => {
        expect(await isKnown(stack, ROOT)).toBe(true);
        expect(await isKnown(stack, another)).toBe(false);
      },
      bootstrap(another),
    );
  });

  it('is not created beside another administrator', async () => {
    await installation.apply(aConfiguration(), bootstrap(ROOT));
    await installation.during(
      aConfiguration(),
      async (stack) => expect(await isKnown(stack, OTHER_ROOT)).toBe(false),
      bootstrap(OTHER_ROOT),
    );
  });

  it.each(['disable', 'delete'] as const)(
    'does not come back after an administrator’s %s',
    async (change) => {
      await installation.during(
        aConfiguration(),
        (stack) => administerClient(stack, ROOT.clientId).asLast[change](),
        bootstrap(ROOT),
      );
      await installation.during(
        aConfiguration(),
        async (stack) => expect(await isKnown(stack, ROOT)).toBe(false),
        bootstrap(ROOT),
      );
    },
  );

  it('takes over no client that exists', async () => {
    await installation.apply(aConfiguration());
    const before = await installation.dump();
    const start = installation.start(aConfiguration(), bootstrap({ ...ROOT, clientId: 'shop-backend' }));
    await expect(start).rejects.toThrow(/LATCHKEY_BOOTSTRAP_CLIENT_ID/);
    expect(await installation.dump()).toEqual(before);
  });

  it('is not there without the variables', async () => {
    await installation.during(aConfiguration(), async (stack) => {
      expectOAuthError(await stack.introspect('token', ROOT), 401, 'invalid_client');
    });
  });
});

import { afterEach, expect, it } from '@jest/globals';
import { administrationBy, anAdministeredConfiguration, ROOT, type AdminApi } from '../support/admin-api.js';
import { aClient } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { startStack, type Stack } from '../support/stack.js';

const GOOD = '0123456789abcdef0123456789abcdef';
const SIGNS = ['+', '/', '=', '%'] as const;

describeEachDatabase('A secret that many programs send wrongly encoded', (dialect) => {
  let stack: Stack;

  afterEach(() => stack.stop());

  const warnings = (): string[] => stack.log.filter((line) => line.includes('wrongly encoded'));

  it('is warned of in the answer that set it', async () => {
    stack = await startStack(dialect, { configuration: anAdministeredConfiguration });
    const admin: AdminApi = await administrationBy(stack, ROOT, 'admin:clients');
    const expected = [expect.stringContaining('openssl rand -hex 32')];
    for (const [index, sign] of SIGNS.entries()) {
      const created = await admin.post('/clients', {
        client_id: `client-${index}`,
        client_secret: GOOD + sign,
      });
      expect(created.json).toMatchObject({ warnings: expected });
      const added = await admin.post(`/clients/client-${index}/secrets`, { client_secret: sign + GOOD });
      expect(added.json).toMatchObject({ warnings: expected });
      expect(created.text + added.text).not.toContain(GOOD);
    }
    const good = await admin.post('/clients/client-0/secrets', { client_secret: GOOD });
    const generated = await admin.post('/clients/client-0/secrets');
    const read = await admin.get('/clients/client-0');
    for (const { json } of [good, generated, read]) expect(json).not.toHaveProperty('warnings');
  });

  it('is warned of in the log, when it comes from the file or the environment', async () => {
    stack = await startStack(dialect, {
      configuration: {
        scopes: [],
        users: [],
        clients: [...SIGNS, ''].map((sign, index) =>
          aClient({
            client_id: `client-${index}`,
            client_secret: GOOD + sign,
            grant_types: [],
            scope: undefined,
            default_scope: undefined,
            audience: undefined,
          }),
        ),
      },
      environment: {
        LATCHKEY_BOOTSTRAP_CLIENT_ID: 'first',
        LATCHKEY_BOOTSTRAP_CLIENT_SECRET: `${GOOD}=`,
      },
    });
    const named = warnings().map((line) => /client_secret of (\S+)/.exec(line)?.[1]);
    expect(named).toEqual(['first', 'client-0', 'client-1', 'client-2', 'client-3']);
    expect(stack.log.join('\n')).not.toContain(GOOD);
  });
});

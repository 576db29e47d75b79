import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  administrationBy,
  EVERYTHING,
  ROOT,
  startAdministered,
  type AdminApi,
} from '../support/admin-api.js';
import { ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectActive, expectInactive, expectOAuthError, expectProblem } from '../support/expectations.js';
import { expectSession } from '../support/sessions.js';
import type { Stack } from '../support/stack.js';

interface Key {
  kid: string;
  purpose: string;
  state: string;
  created_at: string;
  alg: string | null;
}

describeEachDatabase('Administration of data keys', (dialect) => {
  let stack: Stack;
  let admin: AdminApi;

  beforeAll(async () => {
    stack = await startAdministered(dialect);
    admin = await administrationBy(stack, ROOT, EVERYTHING);
  });

  afterAll(() => stack.stop());

  const list = async (): Promise<Key[]> => ((await admin.get('/keys')).json as { data: Key[] }).data;
  const kidOf = async (purpose: string, state: string): Promise<string | undefined> =>
    (await list()).find((key) => key.purpose === purpose && key.state === state)?.kid;

  it('lists them without their values', async () => {
    const keys = await list();
    expect(
      keys
        .map(({ purpose, state, alg }) => [purpose, state, ...(alg === null ? [] : [alg])].join(' '))
        .sort(),
    ).toEqual([
      'digest active',
      'refresh active',
      'refresh next',
      'sealing active',
      'sealing next',
      'signing active ES256',
      'signing active RS256',
      'signing next ES256',
      'signing next RS256',
    ]);
    for (const key of keys) {
      expect(Object.keys(key).sort()).toEqual(['alg', 'created_at', 'kid', 'purpose', 'state']);
      expect(Math.abs(Date.parse(key.created_at) - Date.now())).toBeLessThan(600_000);
    }
  });

  it('waits with a routine rotation until everybody knows the next key, unless it is forced', async () => {
    const session = expectSession(await stack.login(ALICE));
    expectProblem(await admin.post('/keys/rotate', { purpose: 'refresh' }), 409, 'conflict');
    const next = await kidOf('refresh', 'next');
    expect((await admin.post('/keys/rotate', { purpose: 'refresh', force: true })).status).toBe(204);
    expect(await kidOf('refresh', 'active')).toBe(next);
    // What the key so far has made stays good.
    expectSession(await stack.refresh(session.refresh_token));
  });

  it('refuses at once what revoked keys have made, and says who did it', async () => {
    const session = expectSession(await stack.login(ALICE));
    expectActive(await stack.introspect(session.access_token));
    expect((await admin.post('/keys/revoke', { purposes: ['refresh', 'sealing'] })).status).toBe(204);
    expectOAuthError(await stack.refresh(session.refresh_token), 400, 'invalid_grant');
    expect((await admin.post('/keys/revoke', { purposes: ['signing'] })).status).toBe(204);
    expectInactive(await stack.introspect(session.access_token));
    // The administrator's own token was signed by such a key, too.
    expectProblem(await admin.get('/keys'), 401, 'invalid_token');
    admin = await administrationBy(stack, ROOT, EVERYTHING);
    const { json } = await admin.get('/audit-events?kind=data_keys_revoked');
    expect(json).toMatchObject({ data: [{ actor: ROOT.clientId, detail: { purposes: ['signing'] } }, {}] });
  });

  it.each([
    ['rotate', {}, 'purpose'],
    ['rotate', { purpose: 'digest' }, 'purpose'],
    ['rotate', { purpose: 'signing', force: 'yes' }, 'force'],
    ['rotate', { purpose: 'signing', forced: true }, 'forced'],
    ['revoke', { purposes: [] }, 'purposes'],
    ['revoke', { purposes: ['digest'] }, 'purposes'],
    ['revoke', { purposes: 'signing' }, 'purposes'],
  ])('refuses %s %j', async (action, body, field) => {
    expectProblem(await admin.post(`/keys/${action}`, body), 400, 'invalid_request', [field]);
  });
});

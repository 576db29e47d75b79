import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  administrationBy,
  anAdministeredConfiguration,
  EVERYTHING,
  ROOT,
  type AdminApi,
} from '../support/admin-api.js';
import { aClient, ALICE, API, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectInactive, expectProblem, expectTokens } from '../support/expectations.js';
import { enrol, otp, passwordOnly } from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';

describeEachDatabase('An administrator and second factors', (dialect) => {
  let stack: Stack;
  let admin: AdminApi;
  let path: string;

  beforeAll(async () => {
    stack = await startStack(dialect, {
      configuration: (issuer) => {
        const { clients, ...rest } = anAdministeredConfiguration(issuer);
        const account = {
          scope: 'account resources:read',
          default_scope: 'account',
          audience: [issuer, API],
        };
        return {
          ...rest,
          clients: [...clients.filter(({ client_id: id }) => id !== SHOP.clientId), aClient(account)],
        };
      },
    });
    admin = await administrationBy(stack, ROOT, EVERYTHING);
    const { json } = await admin.get(`/users?username=${ALICE.username}`);
    path = `/users/${(json as { data: { sub: string }[] }).data[0]?.sub}`;
  });

  afterAll(() => stack.stop());

  it('sees that a user has one, without its secret, and resets what was lost', async () => {
    const authenticator = await enrol(stack, ALICE);
    const factors = await admin.get(`${path}/factors`);
    expect(factors).toMatchObject({
      status: 200,
      json: { data: [{ type: 'totp', state: 'active' }], recovery_codes: 0 },
    });
    expect(factors.text).not.toContain(authenticator.secret);
    const { mfa_token: waiting } = await passwordOnly(stack, ALICE);
    const session = expectTokens(
      await otp(stack, (await passwordOnly(stack, ALICE)).mfa_token, authenticator.code()),
    );
    expect((await admin.post(`${path}/reset-factors`)).status).toBe(200);
    expect((await admin.get(`${path}/factors`)).json).toEqual({ data: [], recovery_codes: 0 });
    // Every login has ended, and so has the one that waited.
    expectInactive(await stack.introspect(session.access_token));
    expect((await otp(stack, waiting, authenticator.code(1))).status).toBe(400);
    expectTokens(await stack.login(ALICE));
    const { json } = await admin.get('/audit-events?kind=second_factors_reset');
    expect(json).toMatchObject({ data: [{ actor: ROOT.clientId, outcome: 'success' }] });
  });

  it('requires one of a user from a day on', async () => {
    expect(
      (await admin.patch(path, { second_factor: 'required', second_factor_from: '2999-01-01' })).status,
    ).toBe(200);
    expectTokens(await stack.login(ALICE));
    expect((await admin.patch(path, { second_factor_from: null })).json).toMatchObject({
      second_factor: 'required',
      second_factor_from: null,
    });
    expect((await passwordOnly(stack, ALICE)).mfa_requirements).toEqual({ enroll: [{ type: 'otp' }] });
    expectProblem(await admin.patch(path, { second_factor: 'sometimes' }), 400, 'invalid_request', [
      'second_factor',
    ]);
  });

  it('finds no factors of a user who does not exist', async () => {
    expectProblem(await admin.get('/users/nobody/factors'), 404, 'not_found');
    expectProblem(await admin.post('/users/nobody/reset-factors'), 404, 'not_found');
  });
});

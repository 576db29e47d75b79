import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { MAX_SECOND_FACTORS } from '../../apps/authorization-server/src/second-factors/second-factor-repository.js';
import {
  administrationBy,
  anAdministeredConfigurationWithAccounts,
  EVERYTHING,
  ROOT,
  type AdminApi,
} from '../support/admin-api.js';
import { ALICE, BOB } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectInactive, expectProblem, expectTokens } from '../support/expectations.js';
import { Authenticator, enrol, otp, passwordOnly } from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';

const NO_ID = '01890000-0000-7000-8000-000000000000';

interface Found {
  data: { sub: string }[];
}

describeEachDatabase('An administrator and second factors', (dialect) => {
  let stack: Stack;
  let admin: AdminApi;
  let path: string;

  beforeAll(async () => {
    stack = await startStack(dialect, { configuration: anAdministeredConfigurationWithAccounts });
    admin = await administrationBy(stack, ROOT, EVERYTHING);
    const { json } = await admin.get(`/users?username=${ALICE.username}`);
    path = `/users/${(json as Found).data[0]?.sub}`;
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

  it('gives a user one, shows its secret once, and removes it, which ends all sessions', async () => {
    const bob = `/users/${((await admin.get(`/users?username=${BOB.username}`)).json as Found).data[0]?.sub}`;
    const added = await admin.post(`${bob}/factors`, { type: 'totp' });
    expect(added.status).toBe(201);
    const { id, secret } = added.json as { id: string; secret: string };
    const authenticator = new Authenticator(secret);
    const confirm = (code: string) => admin.post(`${bob}/factors/${id}/confirm`, { code });
    expectProblem(await confirm(authenticator.wrongCode()), 400, 'invalid_request', ['code']);
    // It is asked for only once it is confirmed.
    expectTokens(await stack.login(BOB));
    expect((await authenticator.sendEarlier(confirm)).json).toEqual({ id, type: 'totp', state: 'active' });
    expectProblem(await confirm(authenticator.code()), 404, 'not_found');
    expect((await admin.get(`${bob}/factors`)).text).not.toContain(secret);
    const { mfa_token: waiting } = await passwordOnly(stack, BOB);
    const session = expectTokens(await otp(stack, waiting, authenticator.code()));
    expect((await admin.delete(`${bob}/factors/${id}`)).status).toBe(204);
    expectInactive(await stack.introspect(session.access_token));
    expectTokens(await stack.login(BOB));
    expectProblem(await admin.delete(`${bob}/factors/${id}`), 404, 'not_found');
    for (const kind of ['second_factor_added', 'second_factor_removed']) {
      const { json } = await admin.get(`/audit-events?kind=${kind}&actor=${ROOT.clientId}`);
      expect(json).toMatchObject({
        data: [{ actor: ROOT.clientId, outcome: 'success', detail: { type: 'totp' } }],
      });
    }
  });

  it('gives a user no more than there may be, and no other kind than there is', async () => {
    const { json } = await admin.post('/users', { username: 'factory', password: 'a lantern in the fog' });
    const factors = `/users/${(json as { sub: string }).sub}/factors`;
    for (let index = 0; index < MAX_SECOND_FACTORS; index++) {
      const { json: added } = await admin.post(factors, { type: 'totp' });
      const { id, secret } = added as { id: string; secret: string };
      expect(
        (await admin.post(`${factors}/${id}/confirm`, { code: new Authenticator(secret).code() })).status,
      ).toBe(200);
    }
    expectProblem(await admin.post(factors, { type: 'totp' }), 409, 'conflict');
    expectProblem(await admin.post(factors, { type: 'sms' }), 400, 'invalid_request', ['type']);
    expectProblem(await admin.post(factors, { type: 'totp', secret: 'A' }), 400, 'invalid_request', [
      'secret',
    ]);
    expectProblem(await admin.delete(`${factors}/not-an-id`), 404, 'not_found');
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
    expectProblem(await admin.post('/users/nobody/factors', { type: 'totp' }), 404, 'not_found');
    expectProblem(await admin.delete(`/users/nobody/factors/${NO_ID}`), 404, 'not_found');
    expectProblem(await admin.post('/users/nobody/reset-factors'), 404, 'not_found');
  });
});

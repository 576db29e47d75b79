import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Secret } from 'otpauth';
import {
  administrationBy,
  administrator,
  anAdministeredConfiguration,
  CLIENT_MANAGER,
  EVERYTHING,
  ROOT,
  AdminApi,
} from '../support/admin-api.js';
import { aClient, ALICE, API, aUser, BOB, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectInactive, expectOAuthError, expectProblem, expectTokens } from '../support/expectations.js';
import { account, Authenticator, enrol, otp, passwordOnly } from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';
import { storedTexts } from '../support/stored-texts.js';

const READER = { clientId: 'reader', secret: 'reader-secret-0123456789abcdefghijklmn' };

/** Whoever has the password looks for a way around the second factor; so does an administrator who lacks the power. */
describeEachDatabase('The policy of second factors holds', (dialect) => {
  let stack: Stack;
  let admin: AdminApi;
  let alice: string;
  let bob: string;

  beforeEach(async () => {
    stack = await startStack(dialect, {
      configuration: (issuer) => {
        const { clients, ...rest } = anAdministeredConfiguration(issuer);
        return {
          ...rest,
          users: [aUser({ second_factor: 'off', groups: ['visitors', 'staff'] }), aUser({ ...BOB })],
          clients: [
            ...clients.filter(({ client_id: id }) => id !== SHOP.clientId),
            administrator(READER, 'admin:users:read', issuer),
            aClient({
              scope: 'account resources:read',
              default_scope: 'account',
              audience: [issuer, API],
              second_factor: 'off',
            }),
          ],
        };
      },
    });
    admin = await administrationBy(stack, ROOT, EVERYTHING);
    alice = await subOf(ALICE.username);
    bob = await subOf(BOB.username);
  });

  afterEach(() => stack.stop());

  const subOf = async (username: string): Promise<string> => {
    const { json } = await admin.get(`/users?username=${username}`);
    return (json as { data: { sub: string }[] }).data[0]?.sub ?? '';
  };

  const add = async (sub: string): Promise<{ id: string; secret: string }> => {
    const added = (await admin.post(`/users/${sub}/factors`, { type: 'totp' })).json;
    const factor = added as { id: string; secret: string };
    const confirmed = await new Authenticator(factor.secret).sendEarlier((code) =>
      admin.post(`/users/${sub}/factors/${factor.id}/confirm`, { code }),
    );
    expect(confirmed.status).toBe(200);
    return factor;
  };

  it('against the weaker of client, user and group', async () => {
    expectTokens(await stack.login(ALICE));
    await admin.put('/groups/staff', { second_factor: 'required' });
    for (const weaker of ['off', 'if_enrolled']) {
      await admin.put('/groups/visitors', { second_factor: weaker });
      await admin.patch(`/users/${alice}`, { second_factor: weaker });
      await admin.patch(`/clients/${SHOP.clientId}`, { second_factor: weaker });
      expectOAuthError(await stack.login(ALICE), 403, 'mfa_required');
    }
  });

  it('against a client that asks for less, or for what there is not', async () => {
    await admin.put('/groups/staff', { second_factor: 'required' });
    const pwd = 'urn:latchkey:acr:pwd';
    expectOAuthError(await stack.login(ALICE, { acr_values: pwd }), 403, 'mfa_required');
    const unknown = await stack.login(BOB, { acr_values: 'urn:example:stronger' });
    expectOAuthError(unknown, 400, 'unmet_authentication_requirements');
    const more = await stack.login(BOB, { acr_values: 'urn:latchkey:acr:mfa' });
    expectOAuthError(more, 403, 'mfa_required');
    await add(bob);
    const resistant = await stack.login(BOB, { acr_values: 'urn:latchkey:acr:phr' });
    expectOAuthError(resistant, 400, 'unmet_authentication_requirements');
  });

  it('against administrators who may not change users, and against users', async () => {
    const { id } = await add(bob);
    const reader = await administrationBy(stack, READER, 'admin:users:read');
    const manager = await administrationBy(stack, CLIENT_MANAGER, 'admin:clients');
    const owner = expectTokens(await stack.login(ALICE)).access_token;
    for (const api of [reader, manager, new AdminApi(stack.issuer, owner)]) {
      for (const answer of [
        await api.delete(`/users/${bob}/factors/${id}`),
        await api.post(`/users/${bob}/factors`, { type: 'totp' }),
        await api.post(`/users/${bob}/reset-factors`),
        await api.put('/groups/staff', { second_factor: 'off' }),
        await api.delete('/groups/staff'),
      ])
        expectProblem(answer, 403, 'insufficient_scope');
    }
    for (const api of [manager, new AdminApi(stack.issuer, owner)]) {
      for (const path of [`/users/${bob}/factors`, '/users?has_second_factor=false', '/second-factors']) {
        expectProblem(await api.get(path), 403, 'insufficient_scope');
      }
    }
    expect((await admin.get(`/users/${bob}/factors`)).json).toMatchObject({ data: [{ id }] });
  });

  it('against the id of a factor of somebody else', async () => {
    const { id } = await add(bob);
    expectProblem(await admin.delete(`/users/${alice}/factors/${id}`), 404, 'not_found');
    const owner = expectTokens(await stack.login(ALICE)).access_token;
    expect((await account(stack, 'DELETE', `/factors/${id}`, owner)).status).toBe(404);
    expect((await account(stack, 'POST', `/factors/${id}/confirm`, owner, { code: '123456' })).status).toBe(
      404,
    );
    expect((await account(stack, 'GET', '/factors', owner)).json).toMatchObject({ data: [] });
    expect((await admin.get(`/users/${bob}/factors`)).json).toMatchObject({ data: [{ id }] });
  });

  it('when a factor is taken away: who has logged in with it is out', async () => {
    await admin.put('/groups/staff', { second_factor: 'required' });
    const { id, secret } = await add(alice);
    const { mfa_token: token } = await passwordOnly(stack, ALICE);
    const thief = expectTokens(await otp(stack, token, new Authenticator(secret).code()));
    expect((await admin.delete(`/users/${alice}/factors/${id}`)).status).toBe(204);
    expectInactive(await stack.introspect(thief.access_token));
  });

  it('and no secret is shown once more, nor stored as it is', async () => {
    const { secret } = await add(bob);
    const authenticator = await enrol(stack, ALICE);
    const texts = (await storedTexts(stack.database)).join('\n');
    for (const shown of [secret, authenticator.secret]) {
      const bytes = Buffer.from(Secret.fromBase32(shown).bytes).toString('latin1');
      for (const path of [
        `/users/${alice}/factors`,
        `/users/${bob}/factors`,
        `/users/${bob}`,
        '/audit-events',
      ]) {
        expect((await admin.get(path)).text).not.toContain(shown);
      }
      expect(texts).not.toContain(shown);
      expect(texts).not.toContain(bytes);
    }
  });
});

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { MAX_ACCESS_TOKEN_LENGTH, ScopeSet } from '@latchkey/contracts';
import { decodeJwt } from 'jose';
import { ConfigurationApplier } from '../../apps/authorization-server/src/provisioning/configuration-applier.js';
import {
  administrationBy,
  EVERYTHING,
  ROOT,
  startAdministered,
  type AdminApi,
} from '../support/admin-api.js';
import { newClient } from '../support/administration.js';
import { API } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectActive, expectOAuthError, expectTokens } from '../support/expectations.js';
import { api } from '../support/http.js';
import { credentialsOf } from '../support/sessions.js';
import type { Stack } from '../support/stack.js';

const PASSWORD = 'tray mortal crisp lantern';
const groupsLike = (count: number) =>
  Array.from({ length: count }, (_, index) => `CN=Department ${index},OU=Groups,DC=example`);

describeEachDatabase(
  'Tokens, groups, scopes and lists have sizes that everything downstream accepts',
  (dialect) => {
    let stack: Stack;
    let admin: AdminApi;

    beforeAll(async () => {
      stack = await startAdministered(dialect, { resourceServer: true });
      admin = await administrationBy(stack, ROOT, EVERYTHING);
    });

    afterAll(() => stack.stop());

    const createUser = async (username: string, groups: string[]) => {
      expect((await admin.post('/users', { username, password: PASSWORD, groups })).status).toBe(201);
      return { username, password: PASSWORD };
    };

    it('a user with 160 groups gets a token that the API takes, and introspection tells the groups', async () => {
      const groups = groupsLike(160);
      const owner = await createUser('many-groups', groups);
      const tokens = expectTokens(await stack.login(owner));
      const refreshed = expectTokens(await stack.refresh(String(tokens.refresh_token)));
      for (const { access_token: token } of [tokens, refreshed]) {
        expect(token.length).toBeLessThanOrEqual(MAX_ACCESS_TOKEN_LENGTH);
        expect(decodeJwt(token)).toMatchObject({ groups_omitted: true });
        expect(decodeJwt(token)).not.toHaveProperty('groups');
        expect((await api('GET', stack.resources, token)).status).toBe(200);
        expect(expectActive(await stack.introspect(token)).groups).toEqual(groups);
      }
    });

    it('a user with a few has them in the token, which says nothing else of them', async () => {
      const owner = await createUser('few-groups', groupsLike(20));
      const claims = decodeJwt(expectTokens(await stack.login(owner)).access_token);
      expect(claims.groups).toEqual(groupsLike(20));
      expect(claims).not.toHaveProperty('groups_omitted');
    });

    it.each([
      ['too many', Array.from({ length: 1001 }, (_, index) => `g${index}`)],
      ['too long together', Array.from({ length: 150 }, (_, index) => `${index}`.padStart(250, 'g'))],
    ])('groups that are %s are refused with the limit, wherever they are written', async (_, groups) => {
      const limit = 'must be a list of at most 1000 entries and 32768 bytes';
      const wrong = { username: 'too-many', password: PASSWORD, groups };
      const created = await admin.post('/users', wrong);
      const imported = await admin.post('/users/import', { users: [wrong] });
      const owner = await createUser(`user-${groups.length}`, []);
      const { sub } = decodeJwt(expectTokens(await stack.login(owner)).access_token);
      const changed = await admin.patch(`/users/${sub}`, { groups });
      for (const answer of [created, imported, changed]) {
        expect(answer.status).toBe(400);
        expect(answer.text).toContain(limit);
      }
      const text = JSON.stringify({ users: [wrong] });
      await expect(
        stack.application.get(ConfigurationApplier).apply({ text, source: 'file' }),
      ).rejects.toThrow(`groups: ${limit}`);
    });

    it('the same group twice is refused', async () => {
      const answer = await admin.post('/users', {
        username: 'twice',
        password: PASSWORD,
        groups: ['a', 'a'],
      });
      expect(answer.status).toBe(400);
      expect(answer.text).toContain('the same entry twice');
    });

    it('scopes and audiences that no token has room for are refused with the limit, wherever they are written', async () => {
      const names = Array.from({ length: 101 }, (_, index) => `area-${index}`.padEnd(30, 'x'));
      for (const name of names) expect((await admin.post('/scopes', { name })).status).toBe(201);
      const client = {
        client_id: 'wide',
        client_secret: credentialsOf('wide').secret,
        grant_types: ['password'],
        audience: [API],
      };
      const limit = 'must have at most 3000 characters';
      const created = await admin.post('/clients', { ...client, scope: names.join(' ') });
      const within = names.slice(0, 96).join(' ');
      expect((await admin.post('/clients', { ...client, scope: within })).status).toBe(201);
      const changed = await admin.patch('/clients/wide', { scope: names.join(' ') });
      const added = await admin.put(`/scopes/${names[97]}/clients/wide`);
      for (const answer of [created, changed, added]) {
        expect(answer.status).toBe(400);
        expect(answer.text).toContain(limit);
      }
      const audience = Array.from({ length: 40 }, (_, index) => `https://api-${index}.example.com/`);
      const wide = await admin.patch('/clients/wide', { audience });
      expect(wide.status).toBe(400);
      expect(wide.text).toContain('must have at most 1000 characters');
      const text = JSON.stringify({ clients: [{ ...client, client_id: 'of-file', scope: names.join(' ') }] });
      await expect(
        stack.application.get(ConfigurationApplier).apply({ text, source: 'file' }),
      ).rejects.toThrow(limit);

      const owner = await createUser('wide-scope', groupsLike(160));
      const { access_token: token } = expectTokens(
        await stack.login(owner, { scope: within }, credentialsOf('wide')),
      );
      expect(token.length).toBeLessThanOrEqual(MAX_ACCESS_TOKEN_LENGTH);
    });

    it('a client of before the limits may ask for less', async () => {
      const names = Array.from({ length: 1500 }, (_, index) => `before:limits:${index}`);
      const audience = Array.from({ length: 60 }, (_, index) => `https://api-${index}.example.com/`);
      const scope = ScopeSet.of(['resources:read', ...names]);
      const client = await newClient(stack, { scope, defaultScope: null, audience: [API, ...audience] });
      const owner = await createUser('before-limits', []);
      const login = (parameters: Record<string, string>) => stack.login(owner, parameters, client);
      const much = { scope: scope.toString(), resource: API };
      const tooMuch = await login(much);
      expectOAuthError(tooMuch, 400, 'invalid_scope');
      expect(tooMuch.text).toContain('more than 3000 characters');
      const tooWide = await login({ scope: 'resources:read' });
      expectOAuthError(tooWide, 400, 'invalid_target');
      expect(tooWide.text).toContain('more than 1000 characters');
      const { access_token: token } = expectTokens(await login({ scope: 'resources:read', resource: API }));
      expectActive(await stack.introspect(token));
    });
  },
);

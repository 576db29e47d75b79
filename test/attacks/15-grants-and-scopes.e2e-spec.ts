import { afterAll, beforeAll, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { newClient } from '../support/administration.js';
import { ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import { send } from '../support/http.js';
import { Servers } from '../support/servers.js';
import { authorizationOf, expectSession } from '../support/sessions.js';

const IDENTIFIERS = 'node-oauth2-server 84, oauthjs 757, CVE-2026-75866, authentik 5860';

describeEachDatabase(
  `A grant or scope that a client does not have costs nothing (${IDENTIFIERS})`,
  (dialect) => {
    let servers: Servers;

    const authorizations = async () =>
      (await servers.first.database.query(sql`SELECT id FROM authorizations`)).length;

    beforeAll(async () => {
      servers = await Servers.start(dialect);
    });

    afterAll(() => servers.stop());

    it('a grant that is not registered, and a scope outside of the registration', async () => {
      const { first } = servers;
      const verifications = servers.countVerifications();
      const refreshing = await newClient(first, { grantTypes: ['refresh_token'] });
      expectOAuthError(await first.login(ALICE, {}, refreshing), 400, 'unauthorized_client');
      expectOAuthError(await first.token({ grant_type: 'client_credentials' }), 400, 'unauthorized_client');
      for (const scope of [
        'resources:delete',
        'resources:read resources:delete',
        'admin:users',
        'resources',
      ]) {
        expectOAuthError(await first.login(ALICE, { scope }), 400, 'invalid_scope');
      }
      expect(verifications.count).toBe(0);
      expect(await authorizations()).toBe(0);
    });

    it('a refresh for a scope or resource that it may not have spends nothing', async () => {
      const session = expectSession(await servers.first.login(ALICE, { scope: 'resources:read' }));
      const refresh = (parameters: Record<string, string>) =>
        servers.second.refresh(session.refresh_token, parameters);
      expectOAuthError(await refresh({ scope: 'resources:write' }), 400, 'invalid_scope');
      expectOAuthError(await refresh({ resource: 'https://elsewhere.example.com/' }), 400, 'invalid_target');
      expect(await authorizationOf(servers.first, session)).toMatchObject({
        generation: 0,
        rotated_at: null,
      });
    });

    it('metadata never advertises what is off', async () => {
      await servers.restart({ PASSWORD_GRANT_ENABLED: 'false' });
      const { json } = await send(`${servers.first.issuer}/.well-known/oauth-authorization-server`);
      expect(json).toMatchObject({ grant_types_supported: expect.not.arrayContaining(['password']) });
      expectOAuthError(await servers.first.login(ALICE), 400, 'unsupported_grant_type');
    });
  },
);

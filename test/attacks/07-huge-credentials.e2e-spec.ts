import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ALICE, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { Servers } from '../support/servers.js';

const MEGABYTE = 'x'.repeat(1024 * 1024);

/** As much as a request of 64 KiB takes. */
const MOST = 'x'.repeat(60 * 1024);

describeEachDatabase(
  'Huge credentials are refused before they are hashed (GHSA-3v6j-v3qc-cxff, CVE-2026-102414)',
  (dialect) => {
    let servers: Servers;

    beforeAll(async () => {
      servers = await Servers.start(dialect);
    });

    afterAll(() => servers.stop());

    it('a megabyte of anything is too large a request', async () => {
      const verifications = servers.countVerifications();
      for (const answer of [
        await servers.first.login({ ...ALICE, password: MEGABYTE }),
        await servers.first.login({ ...ALICE, username: MEGABYTE }),
        await servers.first.login(ALICE, { client_id: SHOP.clientId, client_secret: MEGABYTE }, null),
        await servers.first.refresh(MEGABYTE),
      ]) {
        expectOAuthError(answer, 413, 'invalid_request');
      }
      expect(verifications.count).toBe(0);
    });

    it('what fits a request is refused too, and a name of that size costs no more than a wrong one', async () => {
      const verifications = servers.countVerifications();
      expectOAuthError(await servers.first.login({ ...ALICE, password: MOST }), 400, 'invalid_request');
      expectOAuthError(
        await servers.first.login({ ...ALICE, password: 'x'.repeat(1025) }),
        400,
        'invalid_request',
      );
      const secret = { client_id: SHOP.clientId, client_secret: MOST };
      expectOAuthError(await servers.first.login(ALICE, secret, null), 401, 'invalid_client');
      expect(verifications.count).toBe(0);
      expectOAuthError(await servers.first.login({ ...ALICE, username: MOST }), 400, 'invalid_grant');
      expect(verifications.count).toBe(1);
      expectTokens(await servers.first.login(ALICE));
    });
  },
);

import { afterEach, expect, it } from '@jest/globals';
import { aConfiguration, ALICE, aUser } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { FREE_ATTEMPTS, STRICT, tryPassword } from '../support/guessing.js';
import { Servers } from '../support/servers.js';

const ZOE = { username: 'zo\u00eb', password: 'p\u00e4ssword of hers' };
const FULL_WIDTH = '\uff41\uff4c\uff49\uff43\uff45';

describeEachDatabase('One user, however the name is written (CVE-2021-3424, CVE-2026-73420)', (dialect) => {
  let servers: Servers | undefined;

  afterEach(async () => {
    await servers?.stop();
    servers = undefined;
  });

  it('names and passwords are compared in one form', async () => {
    servers = await Servers.start(dialect, {
      configuration: aConfiguration({ users: [aUser(), aUser(ZOE)] }),
    });
    const written = { username: 'ZOE\u0308', password: 'pa\u0308ssword of hers' };
    expectTokens(await servers.first.login(written));
    expectTokens(await servers.first.login({ ...ALICE, username: FULL_WIDTH }));
    // What nobody sees makes no other name: it makes none.
    for (const username of ['alice\u200b', 'al\u00adice', ' alice', 'alice\0', '\u202ealice']) {
      expectOAuthError(await servers.first.login({ ...ALICE, username }), 400, 'invalid_grant');
    }
  });

  it.each([FULL_WIDTH, 'ALICE', '\uff21lice'])('nobody else can register as %s', async (username) => {
    const configuration = aConfiguration({ users: [aUser(), aUser({ username })] });
    const started = Servers.start(dialect, { configuration }).then((unexpected) => (servers = unexpected));
    await expect(started).rejects.toThrow(/username|alice/i);
  });

  it('another spelling is no further attempt', async () => {
    servers = await Servers.start(dialect, STRICT);
    const verifications = servers.countVerifications();
    for (const username of ['alice', 'ALICE', FULL_WIDTH, 'Alice', 'aLice', 'alIce', 'aliCe', 'alicE']) {
      await tryPassword(servers.second, 'guess', { username, from: '203.0.113.1' });
    }
    expect(verifications.count).toBe(FREE_ATTEMPTS);
  });
});

import { afterEach, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { PasswordHasher } from '../../apps/authorization-server/src/passwords/password-hasher.js';
import { ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { FREE_ATTEMPTS, STRICT, tryPassword } from '../support/guessing.js';
import type { Answer } from '../support/http.js';
import { Servers } from '../support/servers.js';

const AT_ONCE = 64;
const HOME = '198.51.100.7';

describeEachDatabase('Right logins of one account at the same time are not taken for guesses', (dialect) => {
  let servers: Servers;

  afterEach(() => servers.stop());

  const atOnce = (count: number, attempt: (index: number) => Promise<Answer>) =>
    Promise.all(Array.from({ length: count }, (_, index) => attempt(index)));

  const right = (from?: string) => (index: number) =>
    tryPassword(servers.of(index), ALICE.password, from === undefined ? {} : { from });

  it.each([
    ['without an address', undefined],
    ['from one address', HOME],
  ])('%s: all of them get tokens where there is time enough', async (_, from) => {
    servers = await Servers.start(dialect, STRICT);
    for (const answer of await atOnce(AT_ONCE, right(from))) expectTokens(answer);
    // And nothing of them is left: no failure, and no place that is taken.
    expect(
      await servers.first.database.query(
        sql`SELECT 1 FROM throttles WHERE attempts + pending + pending_before > 0`,
      ),
    ).toEqual([]);
  });

  it('get tokens or are told to come again where there is not', async () => {
    servers = await Servers.start(dialect, {
      ...STRICT,
      environment: { ...STRICT.environment, HASH_QUEUE_DEADLINE_MS: '300' },
    });
    for (const answer of await atOnce(AT_ONCE, right())) {
      if (answer.status !== 200) expectOAuthError(answer, 503, 'temporarily_unavailable');
    }
    expectTokens(await right()(0));
  });

  it('and guesses among them are as few as ever', async () => {
    servers = await Servers.start(dialect, STRICT);
    const verifications = servers.countVerifications();
    let tokens = 0;
    const attempts = await atOnce(AT_ONCE, (index) =>
      index % 2 === 0 ? right()(index) : tryPassword(servers.of(index), `guess ${index}`),
    );
    for (const answer of attempts) {
      if (answer.status === 200) tokens++;
      else expectOAuthError(answer, 400, 'invalid_grant');
    }
    expect(verifications.count - tokens).toBe(FREE_ATTEMPTS);
    expectOAuthError(await right()(0), 400, 'invalid_grant');
  });

  it('what ends without a verdict gives its place back', async () => {
    servers = await Servers.start(dialect, STRICT);
    const hasher = servers.first.application.get(PasswordHasher);
    const verify = hasher.verify.bind(hasher);
    hasher.verify = () => Promise.reject(new Error('a thread ended'));
    for (let attempt = 0; attempt < 2 * FREE_ATTEMPTS; attempt++) {
      expectOAuthError(await tryPassword(servers.first, ALICE.password), 500, 'server_error');
    }
    hasher.verify = verify;
    for (const answer of await atOnce(2 * FREE_ATTEMPTS, right())) expectTokens(answer);
  });

  it('a right password that may have nothing gives its place back', async () => {
    servers = await Servers.start(dialect, STRICT);
    await servers.first.database.execute(sql`UPDATE users SET allowed_scope = 'nothing'`);
    await servers.restart();
    for (const answer of await atOnce(4 * FREE_ATTEMPTS, right()))
      expectOAuthError(answer, 400, 'invalid_scope');
  });
});

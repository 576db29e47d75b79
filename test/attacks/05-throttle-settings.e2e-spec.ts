import { afterEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../apps/authorization-server/src/config/load-config.js';
import { HashQueueFullError } from '../../apps/authorization-server/src/passwords/hash-queue.js';
import { PasswordHasher } from '../../apps/authorization-server/src/passwords/password-hasher.js';
import { ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { FREE_ATTEMPTS, STRICT, tryPassword } from '../support/guessing.js';
import { Servers } from '../support/servers.js';

const FROM = '203.0.113.1';
const DAY = 86_400;

const SETTINGS = ['FREE_ATTEMPTS', 'BASE_DELAY', 'MAX_DELAY', 'WINDOW', 'SOURCE_ACCOUNTS'].map(
  (name) => `THROTTLE_${name}`,
);
const NONSENSE = [
  '0',
  '-1',
  '1e3',
  '0x5',
  '1.5',
  'NaN',
  'Infinity',
  '2147483648',
  '99999999999999999999',
  'off',
];

describe('No setting turns the throttle off (keycloak 30939)', () => {
  it.each(SETTINGS)('%s takes no value out of its range', (name) => {
    for (const value of NONSENSE) expect(() => loadConfig({ [name]: value })).toThrow(name);
  });
});

describeEachDatabase(
  'Throttling while settings change and machines fail (keycloak 30969, 44474)',
  (dialect) => {
    let servers: Servers;

    const guess = (count: number) =>
      Promise.all(Array.from({ length: count }, () => tryPassword(servers.second, 'guess', { from: FROM })));

    afterEach(() => servers.stop());

    it('the largest settings hold, and another setting forgets nothing', async () => {
      servers = await Servers.start(dialect, STRICT);
      await guess(FREE_ATTEMPTS);
      await servers.restart({
        THROTTLE_FREE_ATTEMPTS: '1',
        THROTTLE_MAX_DELAY: String(DAY),
        THROTTLE_WINDOW: String(30 * DAY),
      });
      const verifications = servers.countVerifications();
      expectOAuthError(
        await tryPassword(servers.first, ALICE.password, { from: FROM }),
        400,
        'invalid_grant',
      );
      expect(verifications.count).toBe(0);
    });

    it('what was never compared does not count, and neither does what is wrong with the request', async () => {
      servers = await Servers.start(dialect, STRICT);
      const hasher = servers.first.application.get(PasswordHasher);
      const verify = hasher.verify.bind(hasher);
      hasher.verify = () => Promise.reject(new HashQueueFullError('the queue is full'));
      for (let attempt = 0; attempt < 2 * FREE_ATTEMPTS; attempt++) {
        const busy = await tryPassword(servers.first, ALICE.password, { from: FROM });
        expectOAuthError(busy, 503, 'temporarily_unavailable');
        const scope = await servers.first.login(ALICE, { scope: 'unheard-of' });
        expectOAuthError(scope, 400, 'invalid_scope');
      }
      hasher.verify = verify;
      expectTokens(await tryPassword(servers.first, ALICE.password, { from: FROM }));
      expectTokens(await servers.first.login(ALICE));
    });
  },
);

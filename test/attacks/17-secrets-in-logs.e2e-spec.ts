import { afterEach, expect, it } from '@jest/globals';
import { ALICE, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { send } from '../support/http.js';
import { Installation } from '../support/installation.js';
import { expectSession } from '../support/sessions.js';

/** What people type, paste or send where it does not belong. */
const CANARY = 'canary-4711-of-nobody';
const FORGED = `x"}\r\n{"level":30,"msg":"request","forged":true}\u2028\u001b[2J`;

describeEachDatabase('Secrets stay out of logs and tables (CVE-2024-11217, CVE-2023-6484)', (dialect) => {
  let installation: Installation;

  afterEach(() => installation.drop());

  it('passwords, tokens and headers, in the right place or in a wrong one; and no log line is forged', async () => {
    installation = await Installation.create(dialect);
    const { secrets, log } = await installation.during(
      undefined,
      async (stack) => {
        const session = expectSession(await stack.login(ALICE));
        await stack.introspect(session.access_token);
        await stack.login({ ...ALICE, password: CANARY });
        await stack.login({ username: CANARY, password: CANARY });
        await stack.login({ username: FORGED, password: CANARY });
        await stack.login(ALICE, {}, { ...SHOP, secret: CANARY });
        await stack.refresh(CANARY);
        await stack.login(ALICE, { scope: `unheard-of ${CANARY}` });
        for (const path of ['/oauth/token', '/no-such-path', '/account/authorizations']) {
          await send(`${stack.issuer}${path}?password=${CANARY}`, {
            headers: { authorization: `Bearer ${CANARY}` },
          });
        }
        const secrets = [CANARY, ALICE.password, SHOP.secret, session.access_token, session.refresh_token];
        return { secrets, log: stack.log };
      },
      { LOG_LEVEL: 'trace' },
    );
    expect(log.length).toBeGreaterThan(10);
    for (const line of log) {
      expect(JSON.parse(line)).not.toHaveProperty('forged');
      expect(secrets.filter((secret) => line.includes(secret))).toEqual([]);
    }
    const stored = Object.values(await installation.dump())
      .flat()
      .flatMap((row) => Object.values(row))
      .map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value)));
    expect(stored.filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([]);
    expect(stored.filter((text) => text.includes('forged'))).toEqual([]);
  });
});

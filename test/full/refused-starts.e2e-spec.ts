import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ConfigurationError } from '@latchkey/platform/environment';
import { aConfiguration, ALICE } from '../support/builders.js';
import { createDatabase, describeEachDatabase } from '../support/databases.js';
import { Installation } from '../support/installation.js';
import { expectSession, isActive } from '../support/sessions.js';

const CANARY = 'canary-4711-not-a-secret-of-anybody';
const ISSUER = { ISSUER: 'https://login.example.com' };

async function refusalOf(start: Promise<unknown>): Promise<ConfigurationError> {
  const error: unknown = await start.catch((reason: unknown) => reason);
  if (!(error instanceof ConfigurationError)) throw new Error('The start was not refused', { cause: error });
  return error;
}

describeEachDatabase('A start', (dialect) => {
  let installation: Installation;

  beforeEach(async () => {
    installation = await Installation.create(dialect, createDatabase);
  });

  afterEach(() => installation.drop());

  it('with another master key is refused and changes nothing, so that the right one still opens everything', async () => {
    const session = await installation.during(
      aConfiguration(),
      async (stack) => expectSession(await stack.login(ALICE)),
      ISSUER,
    );
    const before = await installation.dump();
    const key = randomBytes(32).toString('base64');
    const refusal = await refusalOf(
      installation.start(aConfiguration({ users: [] }), { ...ISSUER, LATCHKEY_MASTER_KEY: key }),
    );
    expect(refusal.message).toContain('master key');
    expect(refusal.message).not.toContain(key);
    expect(await installation.dump()).toEqual(before);

    await installation.during(
      aConfiguration(),
      async (stack) => {
        expect(await isActive(stack, session)).toBe(true);
        expectSession(await stack.refresh(session.refresh_token));
      },
      ISSUER,
    );
  });

  it('with a wrong environment is refused before anything is touched, and names every variable and no secret', async () => {
    const refusal = await refusalOf(
      installation.start(aConfiguration(), {
        ACCESS_TOKEN_TTL: 'soon',
        HASH_WORKERS: '0',
        ISSUER: 'not-a-url',
        LATCHKEY_MASTER_KEY: CANARY,
        LATCHKEY_BOOTSTRAP_CLIENT_SECRET: CANARY,
      }),
    );
    expect(refusal.problems.map((problem) => problem.split(' ')[0]).sort()).toEqual([
      'ACCESS_TOKEN_TTL',
      'HASH_WORKERS',
      'ISSUER',
      'LATCHKEY_BOOTSTRAP_CLIENT_ID',
      'LATCHKEY_MASTER_KEY',
    ]);
    expect(refusal.message).not.toContain(CANARY);
    const { settings = [], ...others } = await installation.dump();
    expect(Object.values(others).flat()).toEqual([]);
    // The migrations write it.
    expect(settings.map(({ name }) => name)).toEqual(['database_id']);
  });
});

import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ConfigurationError } from '@latchkey/platform/environment';
import { hashClientSecret } from '../../apps/authorization-server/src/clients/client-secret-hash.js';
import { aClient, aConfiguration, ALICE, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { Installation } from '../support/installation.js';
import type { Stack } from '../support/stack.js';

const OLD = 'the-old-secret-0123456789abcdefghijkl';
const NEW = 'the-new-secret-0123456789abcdefghijkl';

const secretEntry = (secret: string, expires?: string) => ({
  hash: hashClientSecret(secret),
  ...(expires !== undefined && { expires_at: expires }),
});

const shopWith = (...secrets: object[]) =>
  aConfiguration({ clients: [aClient({ client_secret: undefined, client_secrets: secrets })] });

const loginWith = (stack: Stack, secret: string) => stack.login(ALICE, {}, { ...SHOP, secret });

describeEachDatabase('Several secrets of a client in the configuration file', (dialect) => {
  let installation: Installation;

  beforeEach(async () => {
    installation = await Installation.create(dialect);
  });

  afterEach(() => installation.drop());

  it('all work until they expire', async () => {
    const secrets = [secretEntry(OLD, '2999-12-31T12:00:00Z'), secretEntry(NEW)];
    await installation.during(shopWith(...secrets), async (stack) => {
      expectTokens(await loginWith(stack, OLD));
      expectTokens(await loginWith(stack, NEW));
    });
  });

  it('do not work once they have expired', async () => {
    const secrets = [secretEntry(OLD, '2020-01-31T12:00:00+02:00'), secretEntry(NEW)];
    await installation.during(shopWith(...secrets), async (stack) => {
      expectOAuthError(await loginWith(stack, OLD), 401, 'invalid_client');
      expectTokens(await loginWith(stack, NEW));
    });
  });

  it('are initial like a single one', async () => {
    await installation.apply(shopWith(secretEntry(OLD)));
    await installation.during(shopWith(secretEntry(NEW)), async (stack) => {
      expectTokens(await loginWith(stack, OLD));
      expectOAuthError(await loginWith(stack, NEW), 401, 'invalid_client');
    });
  });

  it.each([
    ['both a secret and a list', { client_secret: OLD, client_secrets: [secretEntry(NEW)] }, 'client_secret'],
    ['an empty list', { client_secrets: [] }, 'client_secrets'],
    ['eleven of them', { client_secrets: Array<object>(11).fill(secretEntry(NEW)) }, 'client_secrets'],
    ['no hash', { client_secrets: [{ expires_at: '2999-12-31T12:00:00Z' }] }, 'client_secrets[0].hash'],
    ['a secret for a hash', { client_secrets: [{ hash: NEW }] }, 'client_secrets[0].hash'],
    ['a day', { client_secrets: [secretEntry(NEW, '2999-12-31')] }, 'client_secrets[0].expires_at'],
    [
      'a day that is none',
      { client_secrets: [secretEntry(NEW, '2999-02-30T00:00:00Z')] },
      'client_secrets[0].expires_at',
    ],
  ])('are refused with %s', async (_, keys, place) => {
    if (dialect === 'postgres') return;
    const start = installation.start(
      aConfiguration({ clients: [aClient({ client_secret: undefined, ...keys })] }),
    );
    const error = await start.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof ConfigurationError))
      throw new Error('The start was not refused', { cause: error });
    expect(error.problems).toEqual([expect.stringContaining(`clients[0].${place}: `)]);
    expect(error.message).not.toContain(NEW);
  });
});

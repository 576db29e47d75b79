import { afterEach, expect, it } from '@jest/globals';
import { administrationBy, AdminApi, EVERYTHING, ROOT, startAdministered } from '../support/admin-api.js';
import { aClient, aConfiguration, ALICE, aResourceServer } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectInactive, expectOAuthError } from '../support/expectations.js';
import { eventually } from '../support/eventually.js';
import { api } from '../support/http.js';
import { otherEndings, withOtherSignature, withSpaces } from '../support/second-texts.js';
import { expectSession, isActive } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

/** More than one token of each format. */
const LOGINS = 2;

const FORMATS = {
  ES256: {},
  RS256: { access_token_signing_alg: 'RS256' },
  opaque: { access_token_format: 'opaque' },
} as const;

describeEachDatabase('A second text of the same token is no token', (dialect) => {
  let stack: Stack;

  const start = async (format: keyof typeof FORMATS, validation = 'introspection') => {
    stack = await startStack(dialect, {
      resourceServer: true,
      environment: { TOKEN_VALIDATION: validation },
      configuration: aConfiguration({ clients: [aClient(FORMATS[format]), aResourceServer()] }),
    });
  };

  afterEach(() => stack.stop());

  const secondTexts = (format: keyof typeof FORMATS, token: string): string[] => [
    ...otherEndings(token),
    ...(format === 'ES256' ? [withOtherSignature(token)] : []),
  ];

  it.each(Object.keys(FORMATS) as (keyof typeof FORMATS)[])(
    '%s: at introspection, at revocation, and at an API',
    async (format) => {
      await start(format);
      for (let login = 0; login < LOGINS; login++) {
        const session = expectSession(await stack.login(ALICE));
        const { access_token: token } = session;
        expect(await isActive(stack, session)).toBe(true);
        for (const text of [...secondTexts(format, token), ...withSpaces(token)]) {
          expectInactive(await stack.introspect(text));
          expect((await stack.revoke(text)).status).toBe(200);
        }
        expect((await api('GET', stack.resources, token)).status).toBe(200);
        for (const text of secondTexts(format, token)) {
          expect((await api('GET', stack.resources, text)).status).toBe(401);
        }
        expect(await isActive(stack, session)).toBe(true);
      }
    },
  );

  it('none is left at an API that validates tokens itself when the token is revoked', async () => {
    await start('ES256', 'local');
    const session = expectSession(await stack.login(ALICE));
    const { access_token: token } = session;
    const statusOf = async (text: string) => (await api('GET', stack.resources, text)).status;
    expect(await statusOf(token)).toBe(200);
    for (const text of secondTexts('ES256', token)) expect(await statusOf(text)).toBe(401);
    await stack.revoke(token);
    await eventually(async () => expect(await statusOf(token)).toBe(401));
    for (const text of secondTexts('ES256', token)) expect(await statusOf(text)).toBe(401);
  });

  it('a refresh token has one text, and another one spends nothing', async () => {
    await start('ES256');
    const session = expectSession(await stack.login(ALICE));
    const { refresh_token: token } = session;
    for (const text of [...otherEndings(token), ...withSpaces(token)]) {
      expectOAuthError(await stack.refresh(text), 400, 'invalid_grant');
      expect((await stack.revoke(text)).status).toBe(200);
    }
    expect(expectSession(await stack.refresh(token)).refresh_token).not.toBe(token);
  });

  it('an administrator has one text of a token', async () => {
    stack = await startAdministered(dialect);
    const admin = await administrationBy(stack, ROOT, EVERYTHING);
    const token = admin.token ?? '';
    expect((await admin.get('/clients')).status).toBe(200);
    for (const text of [...otherEndings(token), withOtherSignature(token)]) {
      expect((await new AdminApi(stack.issuer, text).get('/clients')).status).toBe(401);
    }
  });
});

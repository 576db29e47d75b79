import { afterAll, beforeAll, it } from '@jest/globals';
import { aClient, aConfiguration, ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { basic, postForm, rawBasic } from '../support/http.js';
import { startStack, type Stack } from '../support/stack.js';

/** The vector of AppAuth-Android 337, with a secret of what encoders stumble over. */
const CLIENT = { clientId: '1PpG/Q 1', secret: 'a+b%25:c d%zz&e=f-0123456789abcdef' } as const;

describeEachDatabase(
  'Basic credentials are read form-encoded or as they are, and broken ones are a 401 (AppAuth-Android 337)',
  (dialect) => {
    let stack: Stack;

    const login = (authorization: string) =>
      postForm(`${stack.issuer}/oauth/token`, { grant_type: 'password', ...ALICE }, null, { authorization });

    beforeAll(async () => {
      const clients = [aClient({ client_id: CLIENT.clientId, client_secret: CLIENT.secret })];
      stack = await startStack(dialect, { configuration: aConfiguration({ clients }) });
    });

    afterAll(() => stack.stop());

    it('a client_id and a secret with every awkward character', async () => {
      expectTokens(await login(basic(CLIENT)));
      const encoded = `1PpG%2FQ%201:${encodeURIComponent(CLIENT.secret)}`;
      expectTokens(await login(rawBasic(encoded)));
      expectTokens(await login(rawBasic(`${CLIENT.clientId}:${CLIENT.secret}`)));
      const otherwise = CLIENT.secret.replace('+', ' ');
      expectOAuthError(
        await login(rawBasic(`1PpG%2FQ+1:${encodeURIComponent(otherwise)}`)),
        401,
        'invalid_client',
      );
    });

    it.each([
      ['a broken escape', rawBasic('1PpG%2FQ+1:%zz')],
      ['an escape cut short', rawBasic('1PpG%2FQ+1:a%2')],
      ['escapes that are not UTF-8', rawBasic('1PpG%2FQ+1:%FF%FE')],
      ['bytes that are not UTF-8', rawBasic(Buffer.from([0x61, 0x3a, 0xff]))],
      ['characters beyond ASCII', rawBasic('1PpG%2FQ+1:pässword')],
      ['NUL', rawBasic('1PpG%2FQ+1:a\0b')],
      ['no colon', rawBasic('1PpG%2FQ+1')],
      ['bad base64', 'Basic !!!'],
      ['nothing', 'Basic '],
    ])('%s', async (_, authorization) => {
      expectOAuthError(await login(authorization), 401, 'invalid_client');
    });
  },
);

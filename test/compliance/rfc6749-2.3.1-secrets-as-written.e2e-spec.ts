import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ClientSecretThrottle } from '../../apps/authorization-server/src/throttling/client-secret-throttle.js';
import { administerClient } from '../support/administration.js';
import { administrationBy, anAdministeredConfiguration, EVERYTHING, ROOT } from '../support/admin-api.js';
import { aClient, ALICE, aResourceServer } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectActive, expectOAuthError, expectSameAnswer, expectTokens } from '../support/expectations.js';
import { FeedClient } from '../support/feed-client.js';
import { basic, postForm, rawBasic, type Answer, type Credentials, type Form } from '../support/http.js';
import { startStack, type Stack } from '../support/stack.js';

/** Of `openssl rand -base64 32`, and worse. */
const BASE64: Credentials = { clientId: 'base64', secret: 'qJ+4/wL7x0mVb+PzT9/Ck2s6Yd1uRfHe3GgA5nXQoZk=' };
const PERCENT: Credentials = { clientId: 'per+cent', secret: '100%41 or 50% +/= and more to be long enough' };
const API_SERVER: Credentials = { clientId: 'api', secret: 'a+b%2Bc/d==-0123456789-0123456789' };

/** A client whose id reads like {@link PERCENT}'s, decoded. */
const DECODED: Credentials = { clientId: 'per cent', secret: 'of-another-client-0123456789abcdefgh' };

const asWritten = ({ clientId, secret }: Credentials): string => rawBasic(`${clientId}:${secret}`);

/** Most clients do not form-encode what they put into the header: so both texts are tried. */
describeEachDatabase('RFC 6749 section 2.3.1: credentials that a client did not encode', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect, {
      configuration: (issuer) => {
        const configuration = anAdministeredConfiguration(issuer);
        configuration.clients.push(
          ...[BASE64, PERCENT, DECODED].map(({ clientId, secret }) =>
            aClient({ client_id: clientId, client_secret: secret }),
          ),
          aResourceServer({ client_id: API_SERVER.clientId, client_secret: API_SERVER.secret }),
        );
        return configuration;
      },
    });
  });

  afterAll(() => stack.stop());

  const post = (path: string, form: Form, authorization: string): Promise<Answer> =>
    postForm(`${stack.issuer}/oauth/${path}`, form, null, { authorization });
  const login = (authorization: string, parameters: Record<string, string> = {}): Promise<Answer> =>
    post('token', { grant_type: 'password', ...ALICE, ...parameters }, authorization);

  it.each([BASE64, PERCENT, DECODED])(
    '$clientId logs in, refreshes and revokes with either text',
    async (client) => {
      for (const authorization of [asWritten(client), basic(client), asWritten(client)]) {
        const { refresh_token: token = '' } = expectTokens(await login(authorization));
        expectTokens(await login(authorization, { client_id: client.clientId }));
        expectTokens(
          await post('token', { grant_type: 'refresh_token', refresh_token: token }, authorization),
        );
        expect((await post('revoke', { token }, authorization)).status).toBe(200);
        expectOAuthError(await login(authorization, { client_id: 'shop-backend' }), 400, 'invalid_request');
      }
    },
  );

  it('a client_id in the body that is the other text of another client is refused', async () => {
    expectOAuthError(
      await login(asWritten(PERCENT), { client_id: DECODED.clientId }),
      400,
      'invalid_request',
    );
    expectTokens(await login(asWritten(PERCENT), { client_id: PERCENT.clientId }));
  });

  it('introspects from memory the second time, and not any longer once the secret is another', async () => {
    const { database } = stack;
    const query = database.query.bind(database);
    let asked = 0;
    database.query = (...parameters) => {
      asked++;
      return query(...parameters);
    };
    const { access_token: token } = expectTokens(await login(asWritten(BASE64)));
    const ask = () => post('introspect', { token }, asWritten(API_SERVER));
    expectActive(await ask());
    asked = 0;
    expectActive(await ask());
    expect(asked).toBe(0);
    await administerClient(stack, API_SERVER.clientId).replaceSecret('a b%2Bc/d==-0123456789-0123456789');
    // The new secret is what the header says when it is decoded in part: neither text of it.
    expectOAuthError(await ask(), 401, 'invalid_client');
    await administerClient(stack, API_SERVER.clientId).replaceSecret(API_SERVER.secret);
    expectActive(await ask());
  });

  it('follows the feed, until the secret ends', async () => {
    const admin = await administrationBy(stack, ROOT, EVERYTHING);
    const secret = 'ends+soon%2B/==-0123456789-0123456789';
    const expiresAt = new Date(Date.now() + 3000).toISOString();
    const path = `/clients/${API_SERVER.clientId}/secrets`;
    expect((await admin.post(path, { client_secret: secret, expires_at: expiresAt })).status).toBe(201);
    const feed = await FeedClient.openWith(stack, asWritten({ ...API_SERVER, secret }));
    await feed.until(() => feed.named('live').length > 0);
    await feed.ended();
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
    await expect(FeedClient.openWith(stack, asWritten({ ...API_SERVER, secret }))).rejects.toThrow('401');
  });

  it('a wrong one is counted once, and a right one never; the answers are the same', async () => {
    const throttle = stack.application.get(ClientSecretThrottle);
    const countFailure = throttle.countFailure.bind(throttle);
    const counted: string[] = [];
    throttle.countFailure = (clientId, ...rest) => {
      counted.push(clientId);
      return countFailure(clientId, ...rest);
    };
    try {
      for (const client of [BASE64, PERCENT, DECODED]) {
        expectTokens(await login(asWritten(client)));
        expectTokens(await login(basic(client)));
      }
      expect(counted).toEqual([]);
      const usual = await login(basic({ ...BASE64, secret: 'wrong' }));
      const wrong = [
        asWritten({ ...BASE64, secret: `${BASE64.secret}+` }),
        asWritten({ ...PERCENT, secret: '%zz' }),
        asWritten({ ...PERCENT, secret: '%2B' }),
        asWritten({ clientId: 'un+known', secret: 'a+b' }),
      ];
      for (const authorization of wrong) {
        const answer = await login(authorization);
        expectOAuthError(answer, 401, 'invalid_client');
        expectSameAnswer(usual, answer);
      }
      expect(counted).toEqual(['base64', 'base64', 'per+cent', 'per cent', 'un known']);
    } finally {
      throttle.countFailure = countFailure;
    }
  });
});

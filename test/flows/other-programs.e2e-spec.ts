import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { aConfiguration, ALICE, RESOURCE_SERVER, SHOP } from '../support/builders.js';
import { expectActive, expectOAuthError, expectTokens } from '../support/expectations.js';
import { rawBasic, send, type Answer, type Credentials } from '../support/http.js';
import { aClientNamed, credentialsOf } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const QUEUE_USER = credentialsOf('queue-user');
const QUEUE = 'urn:rabbitmq';
const QUEUE_SCOPE = `${QUEUE}.read:*/* ${QUEUE}.write:*/orders`;

/** The requests that the programs of docs/other-programs.md send; test/full runs those programs that Debian has. */
describe('Programs of other makes', () => {
  let stack: Stack;
  let token: string;

  beforeAll(async () => {
    const configuration = aConfiguration();
    configuration.scopes.push(...QUEUE_SCOPE.split(' ').map((name) => ({ name })));
    configuration.clients.push(
      aClientNamed(QUEUE_USER.clientId, {
        audience: [QUEUE],
        scope: QUEUE_SCOPE,
        default_scope: QUEUE_SCOPE,
        access_token_signing_alg: 'RS256',
      }),
    );
    stack = await startStack('sqlite', { configuration });
    token = expectTokens(await stack.login(ALICE)).access_token;
  });

  afterAll(() => stack.stop());

  const post = (path: string, body: string, authorization?: string): Promise<Answer> =>
    send(`${stack.issuer}/oauth/${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(authorization !== undefined && { authorization }),
      },
      body,
    });
  const inUrl = ({ clientId, secret }: Credentials) => rawBasic(`${clientId}:${secret}`);
  const inForm = ({ clientId, secret }: Credentials) => `client_id=${clientId}&client_secret=${secret}`;

  describe('Dovecot', () => {
    const login = `grant_type=password&username=${ALICE.username}&password=${encodeURIComponent(ALICE.password)}`;

    it('logs in with the client in the form, and not in the URL too', async () => {
      expectTokens(await post('token', `${login}&${inForm(SHOP)}`));
      expectOAuthError(await post('token', `${login}&${inForm(SHOP)}`, inUrl(SHOP)), 400, 'invalid_request');
    });
  });

  describe('Dovecot and lua-resty-openidc', () => {
    const body = () => `token=${token}&${inForm(RESOURCE_SERVER)}`;

    it('ask about a token with the client in the form, and not in the header too', async () => {
      expectActive(await post('introspect', body()));
      expectOAuthError(await post('introspect', body(), inUrl(RESOURCE_SERVER)), 400, 'invalid_request');
    });
  });

  describe('RabbitMQ', () => {
    it('finds its name in the audience, and before each permission in the scope', async () => {
      const { access_token: ticket } = expectTokens(await stack.login(ALICE, {}, QUEUE_USER));
      expect(decodeJwt(ticket)).toMatchObject({ aud: QUEUE, scope: QUEUE_SCOPE });
    });
  });
});

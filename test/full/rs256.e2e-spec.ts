import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fastify, type FastifyInstance } from 'fastify';
import fastifyJwtJwks from 'fastify-jwt-jwks';
import { aConfiguration, ALICE, API, SHOP } from '../support/builders.js';
import { expectTokens } from '../support/expectations.js';
import { api } from '../support/http.js';
import { aClientNamed, credentialsOf } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

/** Its declaration is that of an ES module, which it is not. */
const plugin = fastifyJwtJwks as unknown as typeof fastifyJwtJwks.default;

const RSA = credentialsOf('rsa-backend');

describe('Programs that take RS256 verify our tokens', () => {
  let stack: Stack;
  let other: Stack;

  const configuration = aConfiguration();
  configuration.clients.push(aClientNamed(RSA.clientId, { access_token_signing_alg: 'RS256' }));

  beforeAll(async () => {
    stack = await startStack('sqlite', { configuration });
    other = await startStack('sqlite', { configuration });
  });

  afterAll(async () => {
    await stack.stop();
    await other.stop();
  });

  const tokenFrom = async (server: Stack, client = RSA) =>
    expectTokens(await server.login(ALICE, {}, client)).access_token;

  describe('fastify-jwt-jwks', () => {
    let server: FastifyInstance;
    let url: string;

    beforeAll(async () => {
      server = fastify();
      await server.register(plugin, {
        jwksUrl: `${stack.issuer}/oauth/jwks`,
        issuer: stack.issuer,
        audience: API,
      });
      server.get('/', { preValidation: server.authenticate }, ({ user }) => user);
      url = await server.listen({ port: 0, host: '127.0.0.1' });
    });

    afterAll(() => server.close());

    it('takes one of ours, and none of another server', async () => {
      const answer = await api('GET', url, await tokenFrom(stack));
      expect(answer.status).toBe(200);
      expect(answer.json).toMatchObject({ iss: stack.issuer, aud: API, client_id: RSA.clientId });
      expect((await api('GET', url, await tokenFrom(other))).status).toBe(401);
    });

    it('does not take ES256, which is why a client chooses', async () => {
      expect((await api('GET', url, await tokenFrom(stack, SHOP as typeof RSA))).status).toBe(401);
    });
  });
});

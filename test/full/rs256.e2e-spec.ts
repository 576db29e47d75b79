import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fastify, type FastifyInstance } from 'fastify';
import fastifyJwtJwks from 'fastify-jwt-jwks';
import { decodeJwt } from 'jose';
import { aConfiguration, ALICE, API, SHOP } from '../support/builders.js';
import { expectTokens } from '../support/expectations.js';
import { api } from '../support/http.js';
import { describeWithPrograms } from '../support/programs.js';
import { aClientNamed, credentialsOf } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

/** Its declaration is that of an ES module, which it is not. */
const plugin = fastifyJwtJwks as unknown as typeof fastifyJwtJwks.default;

const run = promisify(execFile);

/** Where Debian has the sources of libraries. */
const GOPATH = '/usr/share/gocode';
const PROGRAM = fileURLToPath(new URL('go-oidc', import.meta.url));

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

  const packages = ['golang-go', 'golang-github-coreos-go-oidc-dev'];
  describeWithPrograms('go-oidc', packages, () => {
    let folder: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'latchkey-go-'));
      const env = { ...process.env, GO111MODULE: 'off', GOPATH, GOCACHE: join(folder, 'cache'), GOFLAGS: '' };
      await run('go', ['build', '-o', join(folder, 'verify'), '.'], { cwd: PROGRAM, env });
    }, 300_000);

    afterAll(() => rm(folder, { recursive: true, force: true }));

    const verify = (token: string, audience: string = API) =>
      run(join(folder, 'verify'), [stack.issuer, `${stack.issuer}/oauth/jwks`, audience, token]);

    it('takes one of ours, for its audience, and none of another server', async () => {
      const token = await tokenFrom(stack);
      expect(JSON.parse((await verify(token)).stdout)).toEqual({ sub: decodeJwt(token).sub, aud: [API] });
      await expect(verify(token, 'https://elsewhere.example.com/')).rejects.toThrow('expected audience');
      await expect(verify(await tokenFrom(other))).rejects.toThrow('oidc:');
      await expect(verify(await tokenFrom(stack, SHOP as typeof RSA))).rejects.toThrow(
        'unsupported algorithm',
      );
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { MAX_GROUPS } from '../../apps/authorization-server/src/groups/groups.service.js';
import { MAX_SECOND_FACTORS } from '../../apps/authorization-server/src/second-factors/second-factor-repository.js';
import { administrationBy, EVERYTHING, ROOT, type AdminApi } from '../support/admin-api.js';
import { ALICE, BOB, SHOP } from '../support/builders.js';
import { expectTokens } from '../support/expectations.js';
import { basic, postForm } from '../support/http.js';
import { Authenticator, otp, passwordOnly } from '../support/second-factors.js';
import { createServerDatabase } from '../support/server-databases.js';
import { startStack, type Stack } from '../support/stack.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { committedDocument } from './support/documents.js';
import {
  answerTo,
  configuration,
  CONFLICTS,
  FORM,
  OF_THE_PROTOCOL,
  OWNERS,
  sound,
  STRANGER,
  tokensOf,
  type Endpoint,
  type Sent,
  type Tokens,
} from './support/refused-requests.js';

const ENDPOINTS: Endpoint[] = Object.entries(committedDocument('authorization-server').paths).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
);

const AN_ADDRESS = { type: 'email_code', address: 'alice@example.com' };

const LOGIN_OF_BOB = { grant_type: 'password', ...BOB };

/** Every refusal that the document names: endpoint and status. */
const refusals = (isMeant: (status: number) => boolean): [string, number, Endpoint][] =>
  ENDPOINTS.flatMap((endpoint) =>
    Object.keys(endpoint.operation.responses)
      .map(Number)
      .filter((status) => status >= 400 && isMeant(status))
      .map((status): [string, number, Endpoint] => [`${endpoint.method} ${endpoint.path}`, status, endpoint]),
  );

describe('The authorization server', () => {
  let stack: Stack;
  let admin: AdminApi;
  let tokens: Tokens;
  /** A token that lacks what the endpoint asks for. */
  let powerless: Record<'admin' | 'audit' | 'account', string>;

  beforeAll(async () => {
    stack = await startStack('sqlite', { configuration, environment: { CLIENT_FEED_RATE: '1' } });
    admin = await administrationBy(stack, ROOT, EVERYTHING);
    await admin.post('/clients', { client_id: 'public', client_type: 'public' });
    const [audit, keys] = await Promise.all(
      ['admin:audit', 'admin:keys'].map((scope) => administrationBy(stack, ROOT, scope)),
    );
    const elsewhere = expectTokens(
      await stack.login(ALICE, { scope: 'resources:read' }, OWNERS),
    ).access_token;
    powerless = { admin: String(audit?.token), audit: String(keys?.token), account: elsewhere };
    tokens = await tokensOf(stack);
  });

  afterAll(() => stack.stop());

  const with400 = (endpoint: Endpoint, request: Sent): Sent => {
    if (OF_THE_PROTOCOL.test(endpoint.path)) {
      return endpoint.method === 'GET'
        ? { ...request, path: `${request.path}?x=1` }
        : { ...request, body: 'x=1' };
    }
    if (request.body !== undefined) return { ...request, body: '{' };
    if (endpoint.operation.parameters.some(({ in: place }) => place === 'query')) {
      return { ...request, path: `${request.path}?limit=x&force=x` };
    }
    // What reads nothing but the path refuses a request that is not HTTP as it should be.
    return { ...request, headers: { ...request.headers, host: 'a b' } };
  };

  const refused = async (status: number, endpoint: Endpoint): Promise<Sent> => {
    const request = sound(endpoint, tokens);
    const { path, operation } = endpoint;
    const withHeaders = (headers: Sent['headers']): Sent => ({
      ...request,
      headers: { ...request.headers, ...headers },
    });
    switch (status) {
      case 400:
        return with400(endpoint, request);
      case 401:
        return withHeaders({
          authorization: OF_THE_PROTOCOL.test(path) ? basic({ ...SHOP, secret: 'wrong' }) : null,
        });
      case 403: {
        if (path === '/oauth/token')
          return { ...request, body: new URLSearchParams(LOGIN_OF_BOB).toString() };
        if (path.startsWith('/oauth/mfa/')) return { ...request, body: await loginWithFactor() };
        if (path.startsWith('/oauth/')) return withHeaders({ authorization: basic(SHOP) });
        const area = path.startsWith('/account/') ? 'account' : path.includes('audit') ? 'audit' : 'admin';
        return withHeaders({ authorization: `Bearer ${powerless[area]}` });
      }
      case 404:
        // A client that does not exist has used nothing; this name cannot exist.
        return { ...request, path: path.replace(/\{\w+\}/g, /usage|groups/.test(path) ? '%00' : STRANGER) };
      case 409:
        return conflict(endpoint, request);
      case 412:
        return {
          ...withHeaders({ 'if-match': '"1-999"' }),
          path: path.replace('{client_id}', 'root').replace('{sub}', await subOf('alice')),
        };
      case 413:
        return {
          ...withHeaders({ 'content-type': path.startsWith('/oauth/') ? FORM : 'application/json' }),
          body: `"${'x'.repeat(200_000)}"`,
        };
      case 415:
        return { ...withHeaders({ 'content-type': 'text/plain' }), body: 'x' };
      case 428:
        return withHeaders({ 'if-match': null });
      default:
        throw new Error(`${operation.operationId} has a ${status} that this test does not know`);
    }
  };

  /** Of a user who has a second factor already, which is no passkey. */
  const loginWithFactor = async (): Promise<string> => {
    const { mfa_token: token, mfa_requirements: requirements } = await passwordOnly(stack, BOB);
    if (requirements.challenge !== undefined) return `mfa_token=${token}&challenge_type=passkey`;
    const url = `${stack.issuer}/oauth/mfa/associate`;
    const { json } = await postForm(url, { mfa_token: token }, SHOP);
    const authenticator = new Authenticator((json as { secret: string }).secret);
    expectTokens(await otp(stack, token, authenticator.code()));
    return loginWithFactor();
  };

  const subOf = async (username: string): Promise<string> => {
    const { json } = await admin.get(`/users?username=${username}`);
    return String((json as { data: { sub: string }[] }).data[0]?.sub);
  };

  const userWithManyFactors = async (): Promise<string> => {
    const { json } = await admin.post('/users', { username: 'factory', password: 'a lantern in the fog' });
    const { sub } = json as { sub: string };
    for (let index = 0; index < MAX_SECOND_FACTORS; index++) {
      const added = (await admin.post(`/users/${sub}/factors`, { type: 'totp' })).json;
      const { id, secret } = added as { id: string; secret: string };
      await admin.post(`/users/${sub}/factors/${id}/confirm`, { code: new Authenticator(secret).code() });
    }
    return sub;
  };

  const conflict = async ({ method, path }: Endpoint, request: Sent): Promise<Sent> => {
    const made = CONFLICTS[`${method} ${path}`];
    if (made === undefined) throw new Error(`CONFLICTS has nothing for ${method} ${path}`);
    // The key that this makes is not known to every replica at once.
    if (path === '/admin/keys/rotate') await admin.post('/keys/rotate', { purpose: 'signing', force: true });
    const { json } = await admin.get('/clients/root/secrets');
    const [secret] = (json as { data: { id: string }[] }).data;
    if (path === '/admin/groups/{name}') {
      await stack.database
        .execute(sql`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MAX_GROUPS})
        INSERT INTO user_groups (name, created_at, updated_at) SELECT 'group-' || i, 0, 0 FROM n`);
    }
    const sub = path.endsWith('/factors') ? await userWithManyFactors() : await subOf('alice');
    return {
      ...request,
      path: made.path.replace('SUB', sub).replace('/ID', `/${secret?.id}`),
      ...(made.body && { body: JSON.stringify(made.body) }),
    };
  };

  it.each(refusals((status) => ![429, 503].includes(status)))(
    '%s answers %i as documented',
    async (_, status, endpoint) => {
      expect(await answerTo(stack, endpoint, await refused(status, endpoint))).toBe(status);
    },
  );

  it.each(refusals((status) => status === 429))(
    '%s answers %i as documented',
    async (_, status, endpoint) => {
      const rated = await startStack('sqlite', {
        configuration,
        environment: {
          CLIENT_TOKEN_RATE: '1',
          CLIENT_REVOCATION_RATE: '1',
          CLIENT_FEED_RATE: '1',
          EMAIL_PRINT: 'true',
        },
      });
      try {
        const own = sound(endpoint, await tokensOf(rated));
        const request =
          endpoint.path === '/account/factors' ? { ...own, body: JSON.stringify(AN_ADDRESS) } : own;
        const statuses = await Promise.all(
          Array.from({ length: 8 }, () => answerTo(rated, endpoint, request)),
        );
        expect(statuses).toContain(status);
      } finally {
        await rated.stop();
      }
    },
  );

  it('answers 503 as documented wherever it needs its database', async () => {
    const database = await createServerDatabase('postgres');
    const proxy = await TcpProxy.inFrontOf(database);
    const cut = await startStack('postgres', { configuration, database: proxy.database(database) });
    try {
      const own = await tokensOf(cut);
      await proxy.cut();
      const answers = await Promise.all(
        refusals((status) => status === 503).map(async ([name, , endpoint]) => [
          name,
          await answerTo(cut, endpoint, sound(endpoint, own)),
        ]),
      );
      expect(answers.filter(([, status]) => status !== 503)).toEqual([]);
    } finally {
      await cut.stop();
      await proxy.cut();
      await database.drop();
    }
  }, 60_000);
});

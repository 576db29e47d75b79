import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ScopesService } from '../../apps/authorization-server/src/scopes/scopes.service.js';
import { ADMINISTRATOR } from '../support/administration.js';
import { ALICE, RESOURCE_SERVER, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { expectActive, expectTokens } from '../support/expectations.js';
import { postForm, send, type Answer } from '../support/http.js';
import { routesOf } from '../support/routes.js';
import { Servers } from '../support/servers.js';
import { startStack, type Stack } from '../support/stack.js';

interface Metadata {
  issuer: string;
  token_endpoint: string;
  introspection_endpoint: string;
  revocation_endpoint: string;
  revocation_feed_endpoint: string;
  jwks_uri: string;
  grant_types_supported: string[];
}

const metadataAt = (issuer: string): Promise<Answer> =>
  send(`${issuer}/.well-known/oauth-authorization-server`);

describeEachDatabase('RFC 8414: authorization server metadata', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect);
  });

  afterAll(() => stack.stop());

  const metadata = async (): Promise<Metadata> => (await metadataAt(stack.issuer)).json as Metadata;

  it('advertises what there is, and nothing else', async () => {
    const { issuer } = stack;
    const secret = ['client_secret_basic', 'client_secret_post'];
    expect(await metadata()).toEqual({
      issuer,
      token_endpoint: `${issuer}/oauth/token`,
      introspection_endpoint: `${issuer}/oauth/introspect`,
      revocation_endpoint: `${issuer}/oauth/revoke`,
      revocation_feed_endpoint: `${issuer}/oauth/revocations`,
      jwks_uri: `${issuer}/oauth/jwks`,
      // Section 3.2: a list without elements is left out, and there are no response types.
      scopes_supported: ['account', 'resources:read', 'resources:write'],
      grant_types_supported: [
        'password',
        'urn:latchkey:grant-type:mfa-otp',
        'urn:latchkey:grant-type:mfa-recovery-code',
        'refresh_token',
        'client_credentials',
      ],
      access_token_signing_alg_values_supported: ['ES256', 'RS256'],
      acr_values_supported: ['urn:latchkey:acr:pwd', 'urn:latchkey:acr:mfa'],
      token_endpoint_auth_methods_supported: secret,
      introspection_endpoint_auth_methods_supported: secret,
      revocation_endpoint_auth_methods_supported: secret,
    });
  });

  it('is public JSON that may be kept for a while', async () => {
    const { status, headers } = await metadataAt(stack.issuer);
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(headers['cache-control']).toMatch(/^public, max-age=\d+$/);
    expect(headers.pragma).toBeUndefined();
  });

  describe('every advertised endpoint answers:', () => {
    it('the token endpoint, with every grant type', async () => {
      const { token_endpoint: url, grant_types_supported: grantTypes } = await metadata();
      for (const grantType of grantTypes) {
        const { json } = await postForm(url, { grant_type: grantType }, SHOP);
        expect(json).not.toMatchObject({ error: 'unsupported_grant_type' });
      }
      const other = await postForm(url, { grant_type: 'authorization_code' }, SHOP);
      expect(other.json).toMatchObject({ error: 'unsupported_grant_type' });
    });

    it('introspection and revocation', async () => {
      const endpoints = await metadata();
      const form = { grant_type: 'password', ...ALICE };
      const { access_token: token } = expectTokens(await postForm(endpoints.token_endpoint, form, SHOP));
      expectActive(await postForm(endpoints.introspection_endpoint, { token }, RESOURCE_SERVER));
      expect((await postForm(endpoints.revocation_endpoint, { token }, SHOP)).status).toBe(200);
    });

    it('the key set, with public keys only', async () => {
      const answer = await send((await metadata()).jwks_uri);
      expect(answer.status).toBe(200);
      expect(answer.headers['cache-control']).toMatch(/^public, max-age=\d+$/);
      const { keys } = answer.json as { keys: { alg: string }[] };
      const common = { kid: expect.stringMatching(/^[\w-]+$/), use: 'sig' };
      const part = (length: number) => expect.stringMatching(new RegExp(`^[\\w-]{${length}}$`));
      const es256 = { kty: 'EC', crv: 'P-256', x: part(43), y: part(43), ...common, alg: 'ES256' };
      const rs256 = { kty: 'RSA', n: part(342), e: 'AQAB', ...common, alg: 'RS256' };
      const byAlgorithm = [...keys].sort((left, right) => (left.alg < right.alg ? -1 : 1));
      // The one in use and the next one.
      expect(byAlgorithm).toEqual([es256, es256, rs256, rs256]);
    });
  });

  it.each(['/.well-known/oauth-authorization-server', '/oauth/jwks'])(
    'refuses to change %s, and that refusal is not kept',
    async (path) => {
      const answer = await send(`${stack.issuer}${path}`, { method: 'DELETE' });
      expect(answer.status).toBe(405);
      expect(answer.headers.allow).toBe('GET, HEAD');
      expect(answer.headers['cache-control']).toBe('no-store');
    },
  );

  it('lets pages of other origins read what is public, and nothing else', async () => {
    const open: string[] = [];
    for (const { method, path } of routesOf(stack.application)) {
      const answer = await send(`${stack.issuer}${path.replace(/:\w+/g, 'x')}`, {
        method,
        headers: { origin: 'https://elsewhere.example.com' },
        body: method === 'POST' ? '' : null,
      });
      const names = Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'));
      if (names.length > 0) open.push(`${method} ${path} ${names.join()}`);
      else expect(answer.headers.vary ?? '').not.toContain('Origin');
    }
    const allowed = 'access-control-allow-origin';
    const documents = ['/.well-known/oauth-authorization-server', '/oauth/jwks'];
    expect(open.sort()).toEqual([
      ...documents.map((path) => `GET ${path} ${allowed}`),
      ...documents.map((path) => `HEAD ${path} ${allowed}`),
    ]);
    const { headers } = await metadataAt(stack.issuer);
    expect(headers[allowed]).toBe('*');
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('says nothing of OpenID Connect, which this is not', async () => {
    expect((await send(`${stack.issuer}/.well-known/openid-configuration`)).status).toBe(404);
  });
});

describeEachDatabase('Metadata of a server', (dialect) => {
  it('names the scopes that any server of the installation adds or deletes, without a query for the page', async () => {
    const servers = await Servers.start(dialect);
    try {
      const { first, second } = servers;
      const scopes = async () =>
        ((await metadataAt(second.issuer)).json as { scopes_supported: string[] }).scopes_supported;
      const before = await scopes();
      const service = first.application.get(ScopesService);
      await first.database.transaction((tx) =>
        service.ensure(tx, [{ name: 'orders:read', description: '' }], ADMINISTRATOR),
      );
      await eventually(async () =>
        expect(await scopes()).toEqual(['account', 'orders:read', ...before.slice(1)]),
      );
      await first.database.transaction((tx) => service.remove(tx, 'orders:read', ADMINISTRATOR));
      await eventually(async () => expect(await scopes()).toEqual(before));
    } finally {
      await servers.stop();
    }
  });

  it('without the password grant does not advertise it', async () => {
    const stack = await startStack(dialect, { environment: { PASSWORD_GRANT_ENABLED: 'false' } });
    try {
      const metadata = (await metadataAt(stack.issuer)).json as Metadata;
      expect(metadata.grant_types_supported).toEqual(['refresh_token', 'client_credentials']);
      expect(metadata).not.toHaveProperty('acr_values_supported');
    } finally {
      await stack.stop();
    }
  });

  it.each(['https://login.example.com/tenant', 'https://login.example.com/tenant/'])(
    'behind another name carries that name everywhere, as it is written: %s',
    async (issuer) => {
      const stack = await startStack(dialect, { environment: { ISSUER: issuer } });
      try {
        const { issuer: advertised, ...rest } = (await metadataAt(stack.issuer)).json as Metadata;
        expect(advertised).toBe(issuer);
        for (const [name, value] of Object.entries(rest)) {
          if (!/_endpoint$|_uri$/.test(name)) continue;
          expect(String(value)).toMatch(/^https:\/\/login\.example\.com\/tenant\/oauth\/\w+$/);
        }
        const { access_token: token } = expectTokens(await stack.login(ALICE));
        expect(expectActive(await stack.introspect(token)).iss).toBe(issuer);
      } finally {
        await stack.stop();
      }
    },
  );
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import type { NewAuthorization } from '../../../authorizations/authorization-repository.js';
import type { AuthorizationsService } from '../../../authorizations/authorizations.service.js';
import type { Client } from '../../../clients/client.js';
import type { AuthorizationServerConfig } from '../../../config/authorization-server-config.js';
import type { TokenIssuer } from '../../../tokens/token-issuer.js';
import { ClientCredentialsGrant } from './client-credentials.grant.js';
import {
  aClient,
  aRequest,
  CONTEXT,
  ORDERS,
  STOCK,
  storedAuthorization,
  TOKENS,
} from './token-request.spec-support.js';

const ISSUER = 'https://login.example.com';
const SCOPE = ScopeSet.parse('read write admin:users:read');

describe('ClientCredentialsGrant', () => {
  let created: [NewAuthorization, object][];
  let issued: Parameters<TokenIssuer['issue']>[0][];
  let grant: ClientCredentialsGrant;

  const ask = (form = '', registration: Partial<Client> = {}) =>
    grant.handle(aRequest(form, aClient({ scope: SCOPE, ...registration })));

  beforeEach(() => {
    [created, issued] = [[], []];
    grant = new ClientCredentialsGrant(
      { issuer: ISSUER } as AuthorizationServerConfig,
      {
        create: (authorization: NewAuthorization, event: object) => {
          created.push([authorization, event]);
          return Promise.resolve(storedAuthorization(authorization));
        },
      } as unknown as AuthorizationsService,
      {
        issue: (tokens: Parameters<TokenIssuer['issue']>[0]) => {
          issued.push(tokens);
          return TOKENS;
        },
      } as TokenIssuer,
    );
  });

  it('is for clients that are registered for it', () => {
    expect(grant).toMatchObject({ grantType: 'client_credentials', registeredAs: 'client_credentials' });
  });

  it('stores an authorization of the client alone, which ends with its access token', async () => {
    expect(await ask()).toBe(TOKENS);
    const scope = ScopeSet.parse('read write');
    const audience = [ORDERS, STOCK];
    expect(created).toEqual([
      [
        {
          clientKey: 1,
          clientEpoch: 3,
          userKey: null,
          userEpoch: null,
          scope,
          audience,
          amr: [],
          address: CONTEXT.address,
          seed: null,
          lifetime: 300,
        },
        { ...CONTEXT, kind: 'client_authorized', outcome: 'success', actor: 'shop', clientId: 'shop' },
      ],
    ]);
    expect(issued).toEqual([
      expect.objectContaining({ owner: null, scope, audience, refreshToken: null, now: 1000 }),
    ]);
    expect(issued[0]?.authorization.id).toBe('the-sid');
  });

  it('grants the part of scope and audience that is asked for', async () => {
    await ask(`scope=write&resource=${STOCK}`);
    expect(created[0]?.[0]).toMatchObject({ scope: ScopeSet.parse('write'), audience: [STOCK] });
    expect(issued[0]).toMatchObject({ scope: ScopeSet.parse('write'), audience: [STOCK] });
  });

  it('grants administrative scopes for this server only', async () => {
    await ask('scope=admin:users:read');
    expect(created[0]?.[0].audience).toEqual([ISSUER]);
    await expect(ask(`scope=admin:users:read&resource=${STOCK}`)).rejects.toMatchObject({
      code: 'invalid_target',
    });
  });

  it.each<[string, string, Partial<Client>, object]>([
    [
      'a public client',
      '',
      { clientType: 'public' },
      { code: 'unauthorized_client', description: 'The client may not use this grant type' },
    ],
    ['a scope that the client may not have', 'scope=x', {}, { code: 'invalid_scope' }],
    ['administrative scopes beside others', 'scope=read+admin:users:read', {}, { code: 'invalid_scope' }],
    ['this server as an audience of other scopes', `resource=${ISSUER}`, {}, { code: 'invalid_target' }],
  ])('refuses %s, and stores nothing', async (_, form, registration, error) => {
    await expect(ask(form, registration)).rejects.toMatchObject({ status: 400, ...error });
    expect(created).toEqual([]);
    expect(issued).toEqual([]);
  });
});

import { beforeAll, describe, expect, it } from '@jest/globals';
import { GROUPS_OMITTED, ScopeSet } from '@latchkey/contracts';
import { STATE } from '../authorizations/a-state.spec-support.js';
import type { Client } from '../clients/client.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { newDataKey } from '../data-keys/data-key.js';
import type { AccessTokens } from './access-tokens.js';
import { accessTokensWith } from './access-tokens.spec-support.js';
import { TokenIssuer, type TokenGrant } from './token-issuer.js';

const ISSUER = 'https://id.example.com';
const [API, OTHER] = ['https://api.example.com/', 'https://other.example.com/'];
const CLIENT = {
  clientId: 'shop',
  accessTokenFormat: 'jwt',
  accessTokenSigningAlg: 'ES256',
  accessTokenTtl: 300,
} as Client;
/** In milliseconds, and not at a full second. */
const [LOGIN, NOW, END] = [4_000_000_001_999, 4_000_000_050_999, 4_000_001_000_999];
const GRANT: TokenGrant = {
  client: CLIENT,
  authorization: { ...STATE.authorization, createdAt: LOGIN, expiresAt: END, amr: ['pwd', 'otp', 'mfa'] },
  owner: { sub: 'alice', groups: [] },
  scope: ScopeSet.parse('read write'),
  audience: [API],
  refreshToken: null,
  now: NOW,
};

describe('TokenIssuer', () => {
  let accessTokens: AccessTokens;
  let issuer: TokenIssuer;

  beforeAll(async () => {
    accessTokens = await accessTokensWith([newDataKey('signing', 'active'), newDataKey('sealing', 'active')]);
    issuer = new TokenIssuer({ issuer: ISSUER } as AuthorizationServerConfig, accessTokens);
  });

  const issue = (changes: Partial<TokenGrant> = {}) => {
    const response = issuer.issue({ ...GRANT, ...changes });
    return { ...response, claims: accessTokens.read(response.access_token) };
  };

  it.each(['jwt', 'opaque'] as const)("says all of a resource owner's login: %s", (accessTokenFormat) => {
    const { claims, ...response } = issue({ client: { ...CLIENT, accessTokenFormat } });
    expect(claims).toEqual({
      iss: ISSUER,
      sub: 'alice',
      aud: API,
      exp: 4_000_000_350,
      iat: 4_000_000_050,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      client_id: 'shop',
      scope: 'read write',
      sid: STATE.authorization.id,
      auth_time: 4_000_000_001,
      client_epoch: 3,
      user_epoch: 5,
      amr: ['pwd', 'otp', 'mfa'],
      acr: 'urn:latchkey:acr:mfa',
    });
    expect(response).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'read write',
    });
    expect(response.access_token.startsWith('lka_')).toBe(accessTokenFormat === 'opaque');
    expect(issue().claims?.jti).not.toBe(claims?.jti);
  });

  it("names the client in a client's own token, and no login of anybody", () => {
    const authorization = { ...GRANT.authorization, userEpoch: null, amr: [] };
    const { claims } = issue({ owner: null, authorization });
    expect(claims).toMatchObject({ sub: 'shop', client_id: 'shop', client_epoch: 3 });
    for (const name of ['user_epoch', 'amr', 'acr', 'groups']) expect(claims).not.toHaveProperty(name);
  });

  it('ends no later than its authorization', () => {
    const { claims, expires_in: expiresIn } = issue({
      authorization: { ...GRANT.authorization, expiresAt: NOW + 10_000 },
    });
    expect([claims?.exp, expiresIn]).toEqual([4_000_000_060, 10]);
  });

  it('is for one API or several, and has a refresh token where there is one', () => {
    const { claims, refresh_token: refreshToken } = issue({ audience: [API, OTHER], refreshToken: 'lkr_1' });
    expect(claims?.aud).toEqual([API, OTHER]);
    expect(refreshToken).toBe('lkr_1');
    expect(issue()).not.toHaveProperty('refresh_token');
  });

  describe('puts groups', () => {
    const withGroups = (...groups: string[]) => issue({ owner: { sub: 'alice', groups } }).claims;

    it('into a JWT only', () => {
      expect(withGroups('staff', 'sales')?.groups).toEqual(['staff', 'sales']);
      expect(withGroups()).not.toHaveProperty('groups');
      const client = { ...CLIENT, accessTokenFormat: 'opaque' } as const;
      const { claims } = issue({ client, owner: { sub: 'alice', groups: ['staff'] } });
      expect(claims).not.toHaveProperty('groups');
      expect(claims).not.toHaveProperty(GROUPS_OMITTED);
    });

    it.each(['x', 'ä'])(
      'into 3 KiB of claims, and says that it left them out where they are longer: %s',
      (letter) => {
        const used = Buffer.byteLength(JSON.stringify(withGroups('')));
        const longest = letter.repeat((3072 - used) / Buffer.byteLength(letter));
        const rest = 'y'.repeat(3072 - used - Buffer.byteLength(longest));
        expect(withGroups(longest + rest)?.groups).toEqual([longest + rest]);
        const claims = withGroups(`${longest}${rest}y`);
        expect(claims).toMatchObject({ sub: 'alice', [GROUPS_OMITTED]: true });
        expect(claims).not.toHaveProperty('groups');
      },
    );
  });
});

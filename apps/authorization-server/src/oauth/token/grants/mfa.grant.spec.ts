import { beforeEach, describe, expect, it } from '@jest/globals';
import type { TokenRequest } from './grant-handler.js';
import { MfaGrant } from './mfa.grant.js';
import type { Factor } from './second-factor.js';
import type { SecondFactorLogin } from './second-factor-login.js';
import { aClient, aRequest, TOKENS } from './token-request.spec-support.js';

const AUTH0 = 'http://auth0.com/oauth/grant-type';

describe('MfaGrant', () => {
  let proceeded: [TokenRequest, Factor][];

  const grantOf = (factor: Factor) =>
    new MfaGrant(
      {
        proceed: (...step: [TokenRequest, Factor]) => {
          proceeded.push(step);
          return Promise.resolve(TOKENS);
        },
      } as SecondFactorLogin,
      factor,
    );

  beforeEach(() => {
    proceeded = [];
  });

  it.each<[Factor, string, string | undefined]>([
    ['otp', 'urn:latchkey:grant-type:mfa-otp', `${AUTH0}/mfa-otp`],
    ['email', 'urn:latchkey:grant-type:mfa-oob', `${AUTH0}/mfa-oob`],
    ['recovery-code', 'urn:latchkey:grant-type:mfa-recovery-code', `${AUTH0}/mfa-recovery-code`],
    ['passkey', 'urn:latchkey:grant-type:mfa-passkey', undefined],
  ])('for %s has its names, and is for clients that may use passwords', (factor, grantType, alias) => {
    const { grantType: name, alias: other, registeredAs } = grantOf(factor);
    expect([name, other, registeredAs]).toEqual([grantType, alias, 'password']);
  });

  it('proceeds with its factor', async () => {
    const request = aRequest('mfa_token=x');
    expect(await grantOf('passkey').handle(request)).toBe(TOKENS);
    expect(proceeded).toEqual([[request, 'passkey']]);
    expect(proceeded[0]?.[0]).toBe(request);
  });

  it.each([{ clientType: 'public' } as const, { passwordGrantUntil: '2000-01-01' }])(
    'refuses what may not, or no longer, use passwords: %j',
    async (registration) => {
      const request = aRequest('mfa_token=x', aClient(registration));
      await expect(grantOf('otp').handle(request)).rejects.toMatchObject({ code: 'unauthorized_client' });
      expect(proceeded).toEqual([]);
    },
  );
});

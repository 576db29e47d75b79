import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import {
  auth0,
  cognito,
  CurrentToken,
  entra,
  keycloak,
  okta,
  type AccessToken,
} from '@latchkey/resource-server';
import { API, PROVIDERS, TENANT, type Provider } from '../library/support/provider-tokens.js';
import { ForeignIssuer } from '../library/support/foreign-issuer.js';
import { startApplication, type ProtectedApplication } from '../library/support/protected-application.js';

@Controller()
class TokenController {
  @Get()
  read(@CurrentToken() { subject, clientId, username, scopes, roles, groups, isOwnerToken }: AccessToken) {
    return { subject, clientId, username, scope: scopes.toString(), roles, groups, isOwnerToken };
  }
}

describe.each(Object.entries(PROVIDERS))('Tokens of %s', (name, provider) => {
  let issuer: ForeignIssuer;
  let application: ProtectedApplication | undefined;

  /** An API that takes tokens by this preset, whose issuer is here and not far away. */
  const startWith = async ({ preset }: Provider, options = {}) => {
    const jwks = { types: preset.jwks?.types ?? [] };
    application = await startApplication([TokenController], {
      ...preset,
      issuer: issuer.issuer,
      jwks,
      ...options,
    });
    return application;
  };

  beforeAll(async () => {
    issuer = await ForeignIssuer.start();
  });

  afterEach(async () => {
    await application?.close();
    application = undefined;
  });

  afterAll(() => issuer.stop());

  it('are accepted by their preset, and say who is behind them', async () => {
    const api = await startWith(provider);
    const response = await api.call('/', await issuer.sign(provider.user, provider.header));
    expect([api.log.filter((line) => line.includes('Refused')), response.status]).toEqual([[], 200]);
    expect(await response.json()).toMatchObject(provider.found);
    const ofClient = await api.call('/', await issuer.sign(provider.client, provider.header));
    expect(await ofClient.json()).toMatchObject(provider.clientFound);
    expect(api.log.join('\n')).toContain(
      `Tokens of ${issuer.issuer} are validated by their signature alone: a revoked one is accepted until it expires`,
    );
  });

  it('are no other tokens that the same key signs', async () => {
    const api = await startWith(provider);
    expect((await api.call('/', await issuer.sign(provider.idToken, provider.header))).status).toBe(401);
  });

  it.each(Object.keys(PROVIDERS).filter((other) => other !== name))(
    'are refused by the preset of %s',
    async (other) => {
      const foreign = PROVIDERS[other]!;
      // As they are set up: by another name.
      const api = await startApplication([TokenController], {
        ...foreign.preset,
      });
      application = api;
      const token = await issuer.sign(
        { ...provider.user, iss: provider.preset.issuer, aud: API },
        provider.header,
      );
      expect((await api.call('/', token)).status).toBe(401);
      expect(api.log.join('\n')).toContain(
        `issuer, expected "${foreign.preset.issuer}", found "${provider.preset.issuer}"`,
      );
      await api.close();
      // Even with the same name and the same keys; Auth0 tells its tokens by their audience alone.
      if (other === 'auth0' && name !== 'okta' && name !== 'cognito') return;
      const alike = await startWith(foreign);
      expect((await alike.call('/', await issuer.sign(provider.user, provider.header))).status).toBe(401);
    },
  );
});

describe('Presets', () => {
  it.each([
    [keycloak({ issuer: 'https://kc.example/realms/shop' }), 'https://kc.example/realms/shop'],
    [auth0({ domain: 'acme.eu.auth0.com' }), 'https://acme.eu.auth0.com/'],
    [entra({ tenantId: TENANT }), `https://login.microsoftonline.com/${TENANT}/v2.0`],
    [entra({ tenantId: TENANT, version: 1 }), `https://sts.windows.net/${TENANT}/`],
    [okta({ domain: 'acme.okta.com' }), 'https://acme.okta.com/oauth2/default'],
    [
      cognito({ userPoolId: 'us-east-1_EXAMPLE', audience: API }),
      'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_EXAMPLE',
    ],
  ])('name the issuer', ({ issuer }, expected) => {
    expect(issuer).toBe(expected);
  });

  it('refuse what can be no option', () => {
    expect(() => entra({ tenantId: 'common' })).toThrow('tenantId');
    expect(() => cognito({ userPoolId: 'us-east-1_EXAMPLE' })).toThrow('clientIds');
  });

  it('take the roles of a client, and let options win', () => {
    const { claims } = keycloak({
      issuer: 'https://kc.example/realms/shop',
      clientRoles: 'orders-api',
      claims: { owner: 'employee' },
    });
    expect(claims).toMatchObject({ roles: [['resource_access', 'orders-api', 'roles']], owner: 'employee' });
  });
});

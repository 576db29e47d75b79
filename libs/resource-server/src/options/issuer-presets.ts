import type { ClaimOptions, IssuerOptions } from './issuer-options.js';

/**
 * What presets return: an entry of `issuers`, or, spread into the options of the module, the only issuer. Plain data: what is to be
 * otherwise is written behind it.
 */
export interface ProviderIssuer extends IssuerOptions {
  validation: 'local';
}

/** What is the same for all providers: options of the issuer that the preset leaves to the application. */
type Common = Pick<IssuerOptions, 'audience' | 'subjectPrefix'> & {
  /** Wins over what the preset says. */
  claims?: ClaimOptions;
};

type Claims = Readonly<Record<string, unknown>>;

/**
 * Keycloak. The audience is what an _Audience_ mapper puts into `aud`. Tokens of service accounts belong to no owner; without the
 * client scope `profile`, which names users, no token does.
 *
 * @see https://www.keycloak.org/docs/latest/server_admin/
 */
export function keycloak({
  issuer,
  clientRoles,
  ...common
}: Common & {
  /** `https://HOST/realms/REALM`. */
  issuer: string;
  /** Takes the roles that this client defines, instead of the roles of the realm. */
  clientRoles?: string;
}): ProviderIssuer {
  return provider(issuer, common, ['jwt', 'at+jwt'], {
    client: ['azp', 'client_id'],
    username: 'preferred_username',
    roles: [
      clientRoles === undefined ? ['realm_access', 'roles'] : ['resource_access', clientRoles, 'roles'],
    ],
    // ID tokens and refresh tokens have another one, in the same kind of JWT.
    isAccessToken: ({ typ }: Claims) => typ === 'Bearer',
    isOwnerToken: ({ preferred_username: name }: Claims) =>
      typeof name === 'string' && !name.startsWith('service-account-'),
  });
}

/**
 * Auth0, with either profile of access tokens. The audience is the identifier of the API: never the id of a client, which is the
 * audience of ID tokens. `permissions` are roles, because they are what the user may do and not what the client was granted.
 *
 * @see https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles
 */
export function auth0({
  domain,
  ...common
}: Common & {
  /** `TENANT.REGION.auth0.com`, or a domain of your own. */
  domain: string;
}): ProviderIssuer {
  return provider(`https://${domain}/`, common, ['jwt', 'at+jwt'], {
    client: ['azp', 'client_id'],
    roles: ['permissions'],
    isOwnerToken: ({ sub }: Claims) => typeof sub === 'string' && !sub.endsWith('@clients'),
  });
}

/**
 * Microsoft Entra ID. The audience is the application id of the API (version 2), or its `api://` URI (version 1): the manifest
 * (`requestedAccessTokenVersion`) decides about the version. App roles are roles; a token without `scp` belongs to no owner.
 *
 * @throws TypeError when the tenant is no GUID: tokens name it by nothing else
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export function entra({
  tenantId,
  version = 2,
  ...common
}: Common & { tenantId: string; version?: 1 | 2 }): ProviderIssuer {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(tenantId)) {
    throw new TypeError('entra() takes the directory (tenant) id, a GUID in lower case, as tenantId');
  }
  const authority = `https://login.microsoftonline.com/${tenantId}`;
  const issuer = version === 2 ? `${authority}/v2.0` : `https://sts.windows.net/${tenantId}/`;
  const options = provider(issuer, common, ['jwt'], {
    client: ['azp', 'appid'],
    scope: ['scp'],
    roles: ['roles'],
    username: version === 2 ? 'preferred_username' : 'unique_name',
    // ID tokens for the same registration have the same audience, and neither of the first two.
    isAccessToken: ({ azp, appid, scp, roles }: Claims) =>
      (azp ?? appid) !== undefined && (typeof scp === 'string' || Array.isArray(roles)),
    isOwnerToken: ({ scp }: Claims) => typeof scp === 'string',
  });
  const metadataUri = `${authority}/.well-known/openid-configuration`;
  return version === 2 ? options : { ...options, jwks: { ...options.jwks, metadataUri } };
}

/**
 * Okta, with a custom authorization server: tokens of the org server are for Okta alone. The subject is `uid`, because `sub` is a
 * login name, which changes hands; tokens of clients have none.
 *
 * @see https://developer.okta.com/docs/reference/api/oidc/#access-token
 */
export function okta({
  domain,
  authorizationServer = 'default',
  ...common
}: Common & { domain: string; authorizationServer?: string }): ProviderIssuer {
  return provider(`https://${domain}/oauth2/${authorizationServer}`, common, [null], {
    owner: 'uid',
    client: ['cid'],
    scope: ['scp'],
    username: 'sub',
    isAccessToken: ({ cid, scp }: Claims) => typeof cid === 'string' && Array.isArray(scp),
    isOwnerToken: ({ uid }: Claims) => typeof uid === 'string',
  });
}

/**
 * Amazon Cognito. Its access tokens have no `aud` unless clients name a resource: say `audience` where they do, and else by
 * `clientIds` which app clients may call this API.
 *
 * @throws TypeError without either
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
 */
export function cognito({
  userPoolId,
  clientIds,
  ...common
}: Common & {
  /** `REGION_ID`. */
  userPoolId: string;
  clientIds?: readonly string[];
}): ProviderIssuer {
  const audience = common.audience ?? clientIds;
  if (audience === undefined || (common.audience !== undefined && clientIds !== undefined)) {
    throw new TypeError('cognito() takes either clientIds or an audience');
  }
  const [region] = userPoolId.split('_', 1);
  const issuer = `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`;
  return provider(issuer, { ...common, audience }, [null], {
    audience: clientIds === undefined ? 'aud' : 'client_id',
    groups: 'cognito:groups',
    isAccessToken: ({ token_use: use }: Claims) => use === 'access',
  });
}

function provider(
  issuer: string,
  { audience, subjectPrefix, claims }: Common,
  types: readonly (string | null)[],
  preset: ClaimOptions,
): ProviderIssuer {
  return {
    issuer,
    validation: 'local',
    ...(audience !== undefined && { audience }),
    ...(subjectPrefix !== undefined && { subjectPrefix }),
    jwks: { types },
    claims: { ...preset, ...claims },
  };
}

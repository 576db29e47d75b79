import type { ClaimOptions, IssuerOptions } from './issuer-options.js';

/**
 * The result of presets: an entry of `issuers`, or, spread into the options of the module, the only issuer. It is plain
 * data: options after it override it.
 */
export interface ProviderIssuer extends IssuerOptions {
  validation: 'local';
}

/** Options that all presets have: those of the issuer that the preset leaves to the application. */
type Common = Pick<IssuerOptions, 'audience' | 'subjectPrefix'> & {
  /** Overrides the preset. */
  claims?: ClaimOptions;
};

type Claims = Readonly<Record<string, unknown>>;

/**
 * Keycloak. The audience is the value that an _Audience_ mapper puts into `aud`. Tokens of service accounts belong to
 * no owner. Without the client scope `profile`, which names users, no token belongs to an owner.
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
  /** Uses the roles of this client in place of the roles of the realm. */
  clientRoles?: string;
}): ProviderIssuer {
  return provider(issuer, common, ['jwt', 'at+jwt'], {
    client: ['azp', 'client_id'],
    username: 'preferred_username',
    roles: [
      clientRoles === undefined ? ['realm_access', 'roles'] : ['resource_access', clientRoles, 'roles'],
    ],
    // ID tokens and refresh tokens have another `typ`, but the same JWT header.
    isAccessToken: ({ typ }: Claims) => typ === 'Bearer',
    isOwnerToken: ({ preferred_username: name }: Claims) =>
      typeof name === 'string' && !name.startsWith('service-account-'),
  });
}

/**
 * Auth0, with either profile of access tokens. The audience is the identifier of the API, never the id of a client,
 * which is the audience of ID tokens. `permissions` are roles, because they describe what the user may do, and not what
 * the client was granted.
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
 * Microsoft Entra ID. The audience is the application id of the API (version 2), or its `api://` URI (version 1); the
 * manifest (`requestedAccessTokenVersion`) determines the version. App roles are roles. A token without `scp` belongs
 * to no owner.
 *
 * @throws TypeError when the tenant is no GUID, because tokens contain only the GUID
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
    // ID tokens for the same registration have the same audience, but neither `azp` nor `appid`.
    isAccessToken: ({ azp, appid, scp, roles }: Claims) =>
      (azp ?? appid) !== undefined && (typeof scp === 'string' || Array.isArray(roles)),
    isOwnerToken: ({ scp }: Claims) => typeof scp === 'string',
  });
  const metadataUri = `${authority}/.well-known/openid-configuration`;
  return version === 2 ? options : { ...options, jwks: { ...options.jwks, metadataUri } };
}

/**
 * Okta, with a custom authorization server; tokens of the org server are for Okta only. The subject is `uid`, because
 * `sub` is a login name, which may pass to another user; tokens of clients have no `uid`.
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
 * Amazon Cognito. Its access tokens have an `aud` only if clients name a resource. Set `audience` in this case, and
 * otherwise `clientIds`, the app clients that may call this API.
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

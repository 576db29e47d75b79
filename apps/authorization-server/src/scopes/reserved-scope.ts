/**
 * Administrative scopes are granted by `client_credentials` only, for the authorization server only, and never together
 * with other scopes.
 */
export function isReservedScope(name: string): boolean {
  return name.startsWith('admin:');
}

/** The scope of a resource owner's token for the self-service under `/account`. */
export const ACCOUNT_SCOPE = 'account';

const ADMINISTRATIVE_AREAS = ['clients', 'scopes', 'users', 'authorizations', 'keys', 'audit'] as const;

export type AdministrativeArea = (typeof ADMINISTRATIVE_AREAS)[number];

/** All administrative scopes: to change and to read each area. */
export const ADMINISTRATIVE_SCOPES: readonly string[] = ADMINISTRATIVE_AREAS.flatMap((area) => [
  `admin:${area}`,
  `admin:${area}:read`,
]);

/** Scopes of our own API. They exist on every installation, and need not be in a configuration file. */
export function isBuiltInScope(name: string): boolean {
  return isReservedScope(name) || name === ACCOUNT_SCOPE;
}

import { InvalidScopeSyntaxError, ScopeSet } from '@latchkey/contracts';
import type { Client } from '../../../clients/client.js';
import { isReservedScope } from '../../../scopes/reserved-scope.js';
import { OAuthError } from '../../common/oauth-error.js';

/** @throws OAuthError invalid_scope when the `scope` parameter is malformed; `null` when it is absent */
export function requestedScope(parameter: string | null): ScopeSet | null {
  if (parameter === null) return null;
  try {
    return ScopeSet.parse(parameter);
  } catch (error) {
    if (error instanceof InvalidScopeSyntaxError) throw OAuthError.invalidScope('The scope is malformed');
    throw error;
  }
}

/**
 * What a client asks for on behalf of a resource owner: the requested scope, or the client's default (RFC 6749 section
 * 3.3). Administrative scopes are never a resource owner's to give.
 *
 * @throws OAuthError invalid_scope
 */
export function scopeForOwner(client: Client, parameter: string | null): ScopeSet {
  const scope = requestedScope(parameter) ?? client.defaultScope;
  if (scope === null) throw OAuthError.invalidScope('The scope is missing, and the client has no default');
  if (!client.scope.covers(scope) || [...scope].some(isReservedScope)) {
    throw OAuthError.invalidScope('The scope exceeds what the client may ask for');
  }
  return scope;
}

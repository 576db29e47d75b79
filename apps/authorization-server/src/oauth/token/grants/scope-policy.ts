import { InvalidScopeSyntaxError, ScopeSet } from '@latchkey/contracts';
import type { Client } from '../../../clients/client.js';
import { MAX_SCOPE_LENGTH, scopeFits } from '../../../clients/client-registration-rules.js';
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
 * The scope that a client requests on behalf of a resource owner. A resource owner cannot grant administrative scopes.
 *
 * @throws OAuthError invalid_scope
 */
export function scopeForOwner(client: Client, parameter: string | null): ScopeSet {
  const scope = scopeWithinRegistration(client, parameter);
  if ([...scope].some(isReservedScope)) throw exceedsRegistration();
  return scope;
}

/**
 * The scope that a client requests on its own behalf: administrative scopes or others, but never both in one token.
 *
 * @throws OAuthError invalid_scope
 */
export function scopeForClient(client: Client, parameter: string | null): ScopeSet {
  const scope = scopeWithinRegistration(client, parameter);
  const reserved = [...scope].filter(isReservedScope).length;
  if (reserved > 0 && reserved < [...scope].length) {
    throw OAuthError.invalidScope('Administrative scopes cannot be mixed with others');
  }
  return scope;
}

/** The requested scope, or the client's default (RFC 6749 section 3.3). */
function scopeWithinRegistration(client: Client, parameter: string | null): ScopeSet {
  const scope = requestedScope(parameter) ?? client.defaultScope;
  if (scope === null) throw OAuthError.invalidScope('The scope is missing, and the client has no default');
  if (!client.scope.covers(scope)) throw exceedsRegistration();
  return withinToken(scope);
}

/**
 * A client from before the limit was introduced may request a longer scope than fits into a token.
 *
 * @throws OAuthError invalid_scope
 */
export function withinToken(scope: ScopeSet): ScopeSet {
  if (scopeFits(scope)) return scope;
  throw OAuthError.invalidScope(
    `The scope has more than ${MAX_SCOPE_LENGTH} characters, for which a token has no room; ask for less`,
  );
}

function exceedsRegistration(): OAuthError {
  return OAuthError.invalidScope('The scope exceeds what the client may ask for');
}

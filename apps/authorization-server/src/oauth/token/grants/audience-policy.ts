import type { FormParameters } from '../../common/form-parameters.js';
import { OAuthError } from '../../common/oauth-error.js';

/**
 * The audience of a token: everything that is allowed, or the part of it that `resource` names (RFC 8707 section 2).
 * Names are compared as they are, without any normalisation.
 *
 * @throws OAuthError invalid_target
 */
export function requestedAudience(parameters: FormParameters, allowed: readonly string[]): readonly string[] {
  const resources = new Set(parameters.getAll('resource'));
  if (resources.size === 0) return allowed;
  if (![...resources].every((resource) => allowed.includes(resource))) throw OAuthError.invalidTarget();
  return [...resources];
}

import { audienceFits, MAX_AUDIENCE_LENGTH } from '../../../clients/client-registration-rules.js';
import type { FormParameters } from '../../common/form-parameters.js';
import { OAuthError } from '../../common/oauth-error.js';

/**
 * The audience of a token: the whole allowed audience, or the part that `resource` names (RFC 8707 section 2). Names
 * are compared without normalisation.
 *
 * @throws OAuthError invalid_target
 */
export function requestedAudience(parameters: FormParameters, allowed: readonly string[]): readonly string[] {
  const resources = new Set(parameters.getAll('resource'));
  if (resources.size === 0) return withinToken(allowed);
  if (![...resources].every((resource) => allowed.includes(resource))) throw OAuthError.invalidTarget();
  return withinToken([...resources]);
}

/** A client from before the limit was introduced may have a longer audience than fits into a token. */
function withinToken(audience: readonly string[]): readonly string[] {
  if (audienceFits(audience)) return audience;
  throw OAuthError.invalidTarget(
    `The resources have more than ${MAX_AUDIENCE_LENGTH} characters, for which a token has no room; ask for fewer`,
  );
}

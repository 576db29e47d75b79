import { ACR_VALUES, type Acr } from '../../../tokens/authentication-context.js';
import { OAuthError } from '../../common/oauth-error.js';

/**
 * The `acr_values` of a login (OpenID Connect Core section 3.1.2.1, RFC 9470 section 4): the supported values in the
 * client's order of preference. They are required: every completed login satisfies at least one of them.
 *
 * @param parameter `null`: the client requires nothing
 * @returns an empty list when nothing is required
 * @throws OAuthError unmet_authentication_requirements when none of the values is supported (RFC 9470 section 5)
 */
export function requestedAcrs(parameter: string | null): readonly Acr[] {
  const wanted = (parameter ?? '').split(' ').filter((value) => value !== '');
  const known = wanted.flatMap((value) => ACR_VALUES.find((acr) => acr === value) ?? []);
  if (known.length === 0 && wanted.length > 0) throw OAuthError.unmetAuthenticationRequirements();
  return known;
}

import { ACR_VALUES, type Acr } from '../../../tokens/authentication-context.js';
import { OAuthError } from '../../common/oauth-error.js';

/**
 * What a client asks of a login by `acr_values` (OpenID Connect Core section 3.1.2.1, RFC 9470 section 4): the values that there
 * are, in its order of preference. It is a demand, and no wish: no login that ends satisfies less than one of them.
 *
 * @param parameter `null`: the client asks for nothing
 * @returns nothing when nothing is asked for
 * @throws OAuthError unmet_authentication_requirements when there is none of them (RFC 9470 section 5)
 */
export function requestedAcrs(parameter: string | null): readonly Acr[] {
  const wanted = (parameter ?? '').split(' ').filter((value) => value !== '');
  const known = wanted.flatMap((value) => ACR_VALUES.find((acr) => acr === value) ?? []);
  if (known.length === 0 && wanted.length > 0) throw OAuthError.unmetAuthenticationRequirements();
  return known;
}

import { ACR_VALUES, type Acr } from '../../../tokens/authentication-context.js';
import { OAuthError } from '../../common/oauth-error.js';

/**
 * What a client asks of a login by `acr_values` (OpenID Connect Core section 3.1.2.1, RFC 9470 section 4): the first value,
 * in its order of preference, that there is. It is a demand, and no wish: no login that ends satisfies less.
 *
 * @param parameter `null`: the client asks for nothing
 * @throws OAuthError unmet_authentication_requirements when there is none of them (RFC 9470 section 5)
 */
export function requestedAcr(parameter: string | null): Acr | null {
  const wanted = (parameter ?? '').split(' ').filter((value) => value !== '');
  const known = wanted.flatMap((value) => ACR_VALUES.find((acr) => acr === value) ?? []);
  const [first = null] = known;
  if (first === null && wanted.length > 0) throw OAuthError.unmetAuthenticationRequirements();
  return first;
}

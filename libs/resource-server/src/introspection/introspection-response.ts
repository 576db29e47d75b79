import type { AccessToken } from '../claims/access-token.js';
import { readAccessToken, type TokenExpectations } from '../claims/access-token-claims.js';
import { ClaimReader, MalformedClaimsError } from '../claims/claim-reader.js';
import { Refusal } from '../refusals/refusal.js';
import { IntrospectionUnavailableError } from './introspection-unavailable.error.js';

/**
 * Reads the response of an introspection endpoint. A token that is inactive or not for this API results in `null`. A
 * response that violates the protocol shows nothing about the token, and is an error.
 *
 * @param now milliseconds since the epoch
 * @throws IntrospectionUnavailableError when the response does not follow RFC 7662 section 2.2
 */
export function readIntrospectionResponse(
  response: unknown,
  expected: TokenExpectations,
  now: number,
): AccessToken | null {
  const verdict = judgeIntrospectionResponse(response, expected, now);
  return verdict instanceof Refusal ? null : verdict;
}

/** The same, with the reason of a refusal. */
export function judgeIntrospectionResponse(
  response: unknown,
  expected: TokenExpectations,
  now: number,
): AccessToken | Refusal {
  try {
    const claims = new ClaimReader(response);
    return claims.boolean('active') ? readAccessToken(claims, expected, now) : new Refusal('inactive');
  } catch (error) {
    if (!(error instanceof MalformedClaimsError)) throw error;
    throw new IntrospectionUnavailableError(`the introspection response ${error.message}`);
  }
}

import type { AccessToken } from '../claims/access-token.js';
import { BearerError } from '../refusals/bearer-error.js';
import { Refusal } from '../refusals/refusal.js';
import { addRequirement, requirementKey, requirementsOf, type RouteDecorator } from './route-requirements.js';

/** The characters that fit into a quoted list of a challenge (RFC 9470 section 3). */
const ACR = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

const ACRS = requirementKey<readonly string[]>('acr');
const MAX_AGES = requirementKey<number>('fresh-login');

/** How the resource owner must have logged in. */
export interface LoginRequirement {
  /** One of these values is required; `null`: any value or none. */
  readonly acrValues: readonly string[] | null;
  /** Maximum age of the login in seconds; `null`: no limit. */
  readonly maxAgeSeconds: number | null;
}

/**
 * Requires that the login was of one of these authentication context classes (`acr`). If it is repeated, or used on a
 * controller and a handler, the value must be in every list. A token of another login, or without `acr`, is refused
 * with 401 `insufficient_user_authentication`. The challenge names the values, so that the client can let its user log
 * in again.
 *
 * @param values the preferred one first
 * @throws TypeError when there is no value, or one with spaces, quotes or other characters than visible ASCII
 * @see RFC 9470 section 3
 */
export function RequireAcr(...values: string[]): RouteDecorator {
  if (values.length === 0 || !values.every((value) => ACR.test(value))) {
    throw new TypeError('@RequireAcr() needs values of acr, without spaces and quotes');
  }
  return addRequirement(ACRS, [values]);
}

/**
 * Requires that the resource owner has logged in within this time (`auth_time`). If it is repeated, the shortest time
 * counts. A token with an older login, or without `auth_time`, is refused with 401 `insufficient_user_authentication`
 * and `max_age`.
 *
 * @throws TypeError unless it is a whole number of seconds, at least 1
 * @see RFC 9470 section 3
 */
export function RequireFreshLogin(seconds: number): RouteDecorator {
  if (!Number.isSafeInteger(seconds) || seconds < 1) {
    throw new TypeError('@RequireFreshLogin() needs a whole number of seconds, 1 or more');
  }
  return addRequirement(MAX_AGES, [seconds]);
}

/** @throws Error when no login can meet the requirements */
export function loginRequirementOf(...targets: object[]): LoginRequirement | null {
  const lists = requirementsOf(ACRS, ...targets);
  const maxAges = requirementsOf(MAX_AGES, ...targets);
  if (lists.length === 0 && maxAges.length === 0) return null;
  const common = lists[0]?.filter((value) => lists.every((list) => list.includes(value)));
  if (common?.length === 0) throw new Error('@RequireAcr() of class and handler have no value in common');
  return { acrValues: common ?? null, maxAgeSeconds: maxAges.length === 0 ? null : Math.min(...maxAges) };
}

/** @throws BearerError insufficient_user_authentication */
export function assertLogin({ acr, authenticatedAt }: AccessToken, requirement: LoginRequirement): void {
  const { acrValues, maxAgeSeconds } = requirement;
  if (acrValues !== null && (acr === null || !acrValues.includes(acr))) {
    const found = acr === null ? [] : [acr];
    throw BearerError.insufficientUserAuthentication(
      requirement,
      new Refusal('acr', { expected: acrValues, found }),
    );
  }
  if (maxAgeSeconds === null) return;
  const ageSeconds = authenticatedAt === null ? null : Math.floor((Date.now() - authenticatedAt) / 1000);
  if (ageSeconds !== null && ageSeconds <= maxAgeSeconds) return;
  const detail = new Refusal('login_age', {
    expected: `at most ${maxAgeSeconds} s`,
    found: ageSeconds === null ? [] : `${ageSeconds} s`,
  });
  throw BearerError.insufficientUserAuthentication(requirement, detail);
}

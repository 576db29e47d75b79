import type { AccessToken } from '../claims/access-token.js';
import { BearerError } from '../refusals/bearer-error.js';
import { Refusal } from '../refusals/refusal.js';
import { addRequirement, requirementKey, requirementsOf, type RouteDecorator } from './route-requirements.js';

/** What a challenge can say in quotes and between spaces (RFC 9470 section 3). */
const ACR = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

const ACRS = requirementKey<readonly string[]>('acr');
const MAX_AGES = requirementKey<number>('fresh-login');

/** How the resource owner must have logged in. */
export interface LoginRequirement {
  /** One of these; `null`: any will do, also none. */
  readonly acrValues: readonly string[] | null;
  /** How long ago at most, in seconds; `null`: however long. */
  readonly maxAgeSeconds: number | null;
}

/**
 * Requires that the login was of one of these authentication context classes (`acr`). On a controller and a handler, or
 * repeated, the value must be in every list. A token of another login, or without `acr`, is refused with 401
 * `insufficient_user_authentication`, and the challenge names the values, so that the client lets its user log in anew.
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
 * Requires that the resource owner has logged in within so many seconds (`auth_time`). Repeated, the shortest time counts. An
 * older login, and a token without `auth_time`, is refused with 401 `insufficient_user_authentication` and `max_age`.
 *
 * @throws TypeError unless it is a whole number of seconds, from 1 on
 * @see RFC 9470 section 3
 */
export function RequireFreshLogin(seconds: number): RouteDecorator {
  if (!Number.isSafeInteger(seconds) || seconds < 1) {
    throw new TypeError('@RequireFreshLogin() needs a whole number of seconds, 1 or more');
  }
  return addRequirement(MAX_AGES, [seconds]);
}

/** @throws Error where no login could meet the requirements */
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

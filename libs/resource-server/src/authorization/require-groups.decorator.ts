import type { AccessToken } from '../claims/access-token.js';
import { BearerError } from '../refusals/bearer-error.js';
import { Refusal } from '../refusals/refusal.js';
import { addRequirement, requirementKey, requirementsOf, type RouteDecorator } from './route-requirements.js';

const GROUPS = requirementKey<string>('groups');

/**
 * Requires that the resource owner is in all the given groups, compared character by character (`groups`, RFC 9068
 * section 2.2.3.1). A token without them is refused with 403 `access_denied`; so is every token that a client got on
 * its own behalf.
 *
 * @throws TypeError when there is no name, or an empty one
 */
export function RequireGroups(...names: string[]): RouteDecorator {
  if (names.length === 0 || names.includes('')) {
    throw new TypeError('@RequireGroups() needs the names of groups');
  }
  return addRequirement(GROUPS, names);
}

export function requiredGroupsOf(...targets: object[]): string[] {
  return requirementsOf(GROUPS, ...targets);
}

/** @throws BearerError access_denied */
export function assertGroups(token: AccessToken, groups: readonly string[]): void {
  if (groups.length === 0) return;
  if (!token.isOwnerToken || !groups.every((name) => token.groups.includes(name))) {
    throw BearerError.accessDenied(
      'The resource owner is not in the required group',
      new Refusal('group', { expected: groups, found: token.groups }),
    );
  }
}

import type { Type } from '@nestjs/common';
import { BearerError } from '../refusals/bearer-error.js';
import type { AccessToken } from '../claims/access-token.js';
import { Refusal } from '../refusals/refusal.js';
import type { ResourceOwnerResolver } from './resource-owner-resolver.js';
import { addRequirement, requirementKey, requirementsOf, type RouteDecorator } from './route-requirements.js';

/** Options of `@RequireOwner()`. */
export interface RequireOwnerOptions {
  /**
   * The status for a user who is not the owner, and for a resource that does not exist: the same for both, so that it
   * does not reveal which resources exist. 403 is `access_denied`, 404 is `not_found`. Default: 403 for a path
   * parameter, which shows the owner anyway, and 404 for a resolver.
   */
  readonly refusal?: 403 | 404;
}

/** How the owner is found: by a parameter of the path, or by a resolver class. */
export interface OwnerRequirement {
  readonly owner: string | Type<ResourceOwnerResolver>;
  readonly refusal: 403 | 404;
}

const OWNERS = requirementKey<OwnerRequirement>('owner');
const OWNER_TOKEN = requirementKey<true>('owner-token');

const DENIED = 'Only the resource owner may do this';

/**
 * Admits only the owner of the addressed resource: the owner must be the token's `subject`, and the token must belong
 * to a resource owner. If it is repeated, or used on a controller and a handler, all must hold.
 *
 * @param owner the name of the path parameter with the owner, without the colon, as in `/users/:sub/orders`; or the
 *   class that resolves the owner
 * @throws TypeError when neither is given
 */
export function RequireOwner(
  owner: string | Type<ResourceOwnerResolver>,
  options: RequireOwnerOptions = {},
): RouteDecorator {
  if (owner === '' || !['string', 'function'].includes(typeof owner)) {
    throw new TypeError('@RequireOwner() needs the name of a path parameter or a resolver class');
  }
  const { refusal = typeof owner === 'string' ? 403 : 404 } = options;
  return addRequirement(OWNERS, [{ owner, refusal }]);
}

/** Requires a token of a resource owner: refuses tokens that a client got on its own behalf with 403. */
export function RequireOwnerToken(): RouteDecorator {
  return addRequirement(OWNER_TOKEN, [true]);
}

export function ownersOf(...targets: object[]): OwnerRequirement[] {
  return requirementsOf(OWNERS, ...targets);
}

export function requiresOwnerToken(...targets: object[]): boolean {
  return requirementsOf(OWNER_TOKEN, ...targets).length > 0;
}

/** @throws BearerError access_denied for a client's own token */
export function assertOwnerToken(token: AccessToken): void {
  if (token.isOwnerToken) return;
  const expected = 'a client_id, or the option claims.isOwnerToken';
  throw BearerError.accessDenied(
    DENIED,
    new Refusal('owner_token', token.clientId === null ? { expected } : {}),
  );
}

/**
 * Refuses unless path and token evidently name the same owner: a parameter that is missing, was renamed in the path
 * only, or is not a single string is also refused.
 *
 * @throws BearerError access_denied or not_found
 */
export function assertOwner(
  token: AccessToken,
  pathParameters: unknown,
  parameter: string,
  refusal: 403 | 404,
): void {
  assertOwnerToken(token);
  const named = plainParameters(pathParameters)[parameter] ?? '';
  if (named === '') {
    throw refuseOwner(refusal, `a path parameter ${parameter}`);
  }
  if (named !== token.subject) throw refuseOwner(refusal, 'the owner in the path');
}

/** @param expected for the log only */
export function refuseOwner(refusal: 403 | 404, expected: string): BearerError {
  const detail = new Refusal('owner', { expected });
  return refusal === 404 ? BearerError.notFound(detail) : BearerError.accessDenied(DENIED, detail);
}

/** The path parameters that are single strings. The object has no prototype, so that inherited names are not found. */
export function plainParameters(pathParameters: unknown): Readonly<Record<string, string>> {
  const plain = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(pathParameters ?? {})) {
    if (typeof value === 'string') plain[name] = value;
  }
  return plain;
}

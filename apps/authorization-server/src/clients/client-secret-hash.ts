import { createHash, timingSafeEqual } from 'node:crypto';
import { propertyRule } from '../fields/validators.js';

const PREFIX = '$sha256$';
const FORMAT = /^\$sha256\$[A-Za-z0-9_-]{43}$/;

/** Compared with the secret of an unknown client, so that it takes the same time. No secret has this hash. */
export const IMPOSSIBLE_SECRET_HASH = `${PREFIX}${'A'.repeat(43)}`;

/**
 * `$sha256$` and the base64url of the digest. A fast hash is right for a random secret of 128 bits or more; with a slow
 * one, attackers could overload an endpoint that machines call often.
 */
export function hashClientSecret(secret: string): string {
  return PREFIX + createHash('sha256').update(secret).digest('base64url');
}

export function isClientSecretHash(value: string): boolean {
  return FORMAT.test(value);
}

/** Compares in constant time. */
export function secretMatches(secret: string, hash: string): boolean {
  const presented = Buffer.from(hashClientSecret(secret));
  const stored = Buffer.from(hash);
  return presented.length === stored.length && timingSafeEqual(presented, stored);
}

export const IsClientSecretHash = propertyRule(
  'isClientSecretHash',
  'must be $sha256$ and a base64url digest',
  isClientSecretHash,
);

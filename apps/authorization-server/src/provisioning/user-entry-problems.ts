import { ScopeSet } from '@latchkey/contracts';
import { normalizePassword } from '../passwords/password-format.js';
import type { PasswordHasher } from '../passwords/password-hasher.js';
import { parseTotpSecret, TOTP_SECRET_RULE } from '../second-factors/totp.js';
import type { StoredUser } from '../users/user.js';
import type { UserEntry } from './configuration-document.js';

/** Problems of a well-formed entry. @param stored the existing user, if any @param scopes the existing scopes */
export function userEntryProblems(
  entry: UserEntry,
  stored: StoredUser | null,
  scopes: ReadonlySet<string>,
  hasher: PasswordHasher,
): string[] {
  const { sub, password, password_hash: hash, totp_secret: totpSecret, allowed_scope: allowedScope } = entry;
  const problems: string[] = [];
  if (password !== undefined && hash !== undefined)
    problems.push('password: cannot be combined with password_hash');
  if (password !== undefined && normalizePassword(password) === null)
    problems.push('password: is too long or malformed');
  if (totpSecret !== undefined && parseTotpSecret(totpSecret) === null)
    problems.push(`totp_secret: ${TOTP_SECRET_RULE}`);
  // A hash that is not used may date from a time with other limits.
  const isUsed = stored === null || entry.reset === true;
  const hashProblem = hash !== undefined && isUsed ? hasher.problemOf(hash) : null;
  if (hashProblem !== null) problems.push(`password_hash: ${hashProblem}`);
  if (stored !== null && sub !== undefined && sub !== stored.user.sub) {
    problems.push('sub: cannot be changed once the user exists');
  }
  for (const name of allowedScope === undefined ? [] : ScopeSet.parse(allowedScope)) {
    if (!scopes.has(name)) problems.push(`allowed_scope: there is no scope ${name}`);
  }
  return problems;
}

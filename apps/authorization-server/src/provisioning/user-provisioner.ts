import { Injectable } from '@nestjs/common';
import { ScopeSet } from '@latchkey/contracts';
import { newId, type Step } from '@latchkey/platform';
import type { AuditContext } from '../audit/audit-event.js';
import { isSupportedPasswordHash, normalizePassword } from '../passwords/password-format.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { DeletedNames } from '../subjects/deleted-names.js';
import { SubjectTakenError } from '../subjects/subject-names.js';
import { UserRepository, type StoredUser, type UserAttributes } from '../users/user-repository.js';
import { canonicalUsername } from '../users/username.js';
import { UsersService } from '../users/users.service.js';
import type { UserEntry } from './configuration-document.js';

/** Creates or updates the users of a configuration file. */
@Injectable()
export class UserProvisioner {
  constructor(
    private readonly repository: UserRepository,
    private readonly users: UsersService,
    private readonly hasher: PasswordHasher,
    private readonly deletedNames: DeletedNames,
  ) {}

  /** The hash that an entry asks for; `null` when it has none, or none that is usable. Hashing takes a while. */
  async passwordHash({ password, password_hash: hash }: UserEntry): Promise<string | null> {
    if (hash !== undefined) return isSupportedPasswordHash(hash) ? hash : null;
    const normalized = password === undefined ? null : normalizePassword(password);
    return normalized === null ? null : this.hasher.hash(normalized);
  }

  /** Whether the entry's password will be used: for a new user, and with `reset`. */
  *needsPassword({ username, reset }: UserEntry): Step<boolean> {
    const canonical = canonicalUsername(username);
    if (canonical === null) return false;
    return reset === true || (yield* this.repository.loadByUsername(canonical)) === null;
  }

  /** @returns what is wrong with the entry; the caller then abandons the unit of work */
  *apply(
    entry: UserEntry,
    passwordHash: string | null,
    scopes: ReadonlySet<string>,
    context: AuditContext,
  ): Step<string[]> {
    const username = canonicalUsername(entry.username);
    if (username === null)
      return ['username: must be letters, digits, marks and visible ASCII, without spaces'];
    if (yield* this.deletedNames.includes('user', username)) return [];
    const stored = yield* this.repository.loadByUsername(username);
    const problems = entryProblems(entry, stored, scopes);
    if (problems.length > 0) return problems;

    const attributes: UserAttributes = {
      groups: entry.groups ?? [],
      allowedScope: entry.allowed_scope === undefined ? null : ScopeSet.parse(entry.allowed_scope),
    };
    if (stored !== null) {
      yield* this.#update(entry, stored, attributes, passwordHash, context);
      return [];
    }
    if (passwordHash === null) return ['password: is required for a new user, or a usable password_hash'];
    const user = { sub: entry.sub ?? newId(), username, passwordHash, ...attributes };
    try {
      yield* this.users.create(user, entry.enabled === false ? 'configuration' : null, context);
    } catch (error) {
      if (error instanceof SubjectTakenError) return [`sub: ${error.message}`];
      throw error;
    }
    return [];
  }

  *#update(
    entry: UserEntry,
    stored: StoredUser,
    attributes: UserAttributes,
    passwordHash: string | null,
    context: AuditContext,
  ): Step<void> {
    if (!sameAttributes(stored.user, attributes)) yield* this.users.update(stored, attributes, context);
    if (entry.reset === true && passwordHash !== null) {
      yield* this.users.setPasswordHash(stored, passwordHash, context);
    }
    const disabledBy = entry.enabled === false ? 'configuration' : null;
    // What an administrator disabled stays so.
    if (stored.disabledBy !== 'administrator' && stored.disabledBy !== disabledBy) {
      yield* this.users.setDisabled(stored, disabledBy, context);
    }
  }
}

function entryProblems(entry: UserEntry, stored: StoredUser | null, scopes: ReadonlySet<string>): string[] {
  const { sub, password, password_hash: hash, allowed_scope: allowedScope } = entry;
  const problems: string[] = [];
  if (password !== undefined && hash !== undefined) problems.push('password: goes without password_hash');
  if (password !== undefined && normalizePassword(password) === null)
    problems.push('password: is too long or malformed');
  if (hash !== undefined && !isSupportedPasswordHash(hash)) {
    problems.push('password_hash: must be the PHC string of an argon2id hash');
  }
  if (stored !== null && sub !== undefined && sub !== stored.user.sub) {
    problems.push('sub: cannot be changed once the user exists');
  }
  for (const name of allowedScope === undefined ? [] : ScopeSet.parse(allowedScope)) {
    if (!scopes.has(name)) problems.push(`allowed_scope: there is no scope ${name}`);
  }
  return problems;
}

function sameAttributes(left: UserAttributes, right: UserAttributes): boolean {
  const comparable = ({ groups, allowedScope }: UserAttributes) =>
    JSON.stringify([groups, allowedScope?.toString() ?? null]);
  return comparable(left) === comparable(right);
}

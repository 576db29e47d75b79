import { Injectable } from '@nestjs/common';
import { ScopeSet } from '@latchkey/contracts';
import { newId, type Step } from '@latchkey/platform';
import type { AuditContext } from '../audit/audit-event.js';
import { fieldChanges, type FieldChange } from '../audit/field-changes.js';
import { isDigest } from '../passwords/parse-password-hash.js';
import { normalizePassword } from '../passwords/password-format.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { DeletedNames } from '../subjects/deleted-names.js';
import { SubjectTakenError } from '../subjects/subject-names.js';
import { userFields, UserRepository, type StoredUser } from '../users/user-repository.js';
import { canonicalUsername } from '../users/username.js';
import { UsersService } from '../users/users.service.js';
import { disabledByFile, enableAsFileSays, STAYS_DELETED } from './administrators-will.js';
import { createdEntry, existingEntry, keptEntry } from './configuration-change.js';
import type { EntryChange, EntryOutcome } from './configuration-change.js';
import type { UserEntry } from './configuration-document.js';
import { toAttributes, writtenUserFields } from './user-entry.js';

const PASSWORD_CHANGE: FieldChange = { field: 'password', secret: true };

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
    if (hash !== undefined) return this.hasher.problemOf(hash) === null ? this.hasher.storable(hash) : null;
    const normalized = password === undefined ? null : normalizePassword(password);
    return normalized === null ? null : this.hasher.hash(normalized);
  }

  /** The entries whose password or hash will be used: those of new users, and those with `reset`. */
  *withUsedPassword(entries: readonly UserEntry[]): Step<ReadonlySet<UserEntry>> {
    const used = new Set<UserEntry>();
    for (const entry of entries) {
      const username = canonicalUsername(entry.username);
      if (username === null) continue;
      // A hash costs nothing, so that the database need not be asked whether it is used; a digest costs as a password.
      const isUsed =
        entry.reset === true ||
        (entry.password_hash !== undefined && !isDigest(entry.password_hash)) ||
        (yield* this.repository.loadByUsername(username)) === null;
      if (isUsed) used.add(entry);
    }
    return used;
  }

  /** @param scopes the names of those that exist */
  *apply(
    entry: UserEntry,
    passwordHash: string | null,
    scopes: ReadonlySet<string>,
    context: AuditContext,
  ): Step<EntryOutcome> {
    const username = canonicalUsername(entry.username);
    if (username === null) {
      return { problems: ['username: must be letters, digits, marks and visible ASCII, without spaces'] };
    }
    const stored = yield* this.repository.loadByUsername(username);
    if (stored === null && (yield* this.deletedNames.isDeletedByAdministrator('user', username))) {
      return { change: keptEntry('user', username, STAYS_DELETED) };
    }
    const problems = entryProblems(entry, stored, scopes, this.hasher);
    if (problems.length > 0) return { problems };
    if (stored !== null) return yield* this.#update(entry, stored, passwordHash, context);
    if (passwordHash === null) {
      return { problems: ['password: is required for a new user, or a usable password_hash'] };
    }
    return yield* this.#create(entry, username, passwordHash, context);
  }

  *#create(
    entry: UserEntry,
    username: string,
    passwordHash: string,
    context: AuditContext,
  ): Step<EntryOutcome> {
    const attributes = toAttributes(entry);
    const user = { sub: entry.sub ?? newId(), username, passwordHash, ...attributes };
    try {
      yield* this.users.create(user, disabledByFile(entry.enabled), context);
    } catch (error) {
      if (error instanceof SubjectTakenError) return { problems: [`${error.field}: ${error.message}`] };
      throw error;
    }
    const written = writtenUserFields(entry.sub ?? null, attributes, entry.enabled !== false);
    const fields = [...fieldChanges({}, written), PASSWORD_CHANGE];
    return { change: { ...createdEntry('user', username, fields), ...this.#warning(passwordHash) } };
  }

  *#update(
    entry: UserEntry,
    stored: StoredUser,
    passwordHash: string | null,
    context: AuditContext,
  ): Step<EntryOutcome> {
    const attributes = toAttributes(entry);
    const fields = fieldChanges(userFields(stored.user), userFields(attributes));
    if (fields.length > 0) yield* this.users.update(stored, attributes, context);
    let warning: Pick<EntryChange, 'warning'> = {};
    if (entry.reset === true && passwordHash !== null) {
      yield* this.users.setPasswordHash(stored, passwordHash, context);
      fields.push(PASSWORD_CHANGE);
      warning = this.#warning(passwordHash);
    }
    const enabled = yield* enableAsFileSays(stored.disabledBy, entry.enabled, (disabledBy) =>
      this.users.setDisabled(stored, disabledBy, context),
    );
    const { username } = stored.user;
    const change = existingEntry('user', username, [...fields, ...enabled.fields], enabled.note);
    return { change: { ...change, ...warning } };
  }

  #warning(passwordHash: string): Pick<EntryChange, 'warning'> {
    const warning = this.hasher.warningOf(passwordHash);
    return warning === null ? {} : { warning: `password_hash ${warning}` };
  }
}

function entryProblems(
  entry: UserEntry,
  stored: StoredUser | null,
  scopes: ReadonlySet<string>,
  hasher: PasswordHasher,
): string[] {
  const { sub, password, password_hash: hash, allowed_scope: allowedScope } = entry;
  const problems: string[] = [];
  if (password !== undefined && hash !== undefined) problems.push('password: goes without password_hash');
  if (password !== undefined && normalizePassword(password) === null)
    problems.push('password: is too long or malformed');
  // One that will not be used may be of a time with other limits.
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

import { Inject, Injectable } from '@nestjs/common';
import { newId, type Reader, type Transaction } from '@latchkey/platform/database';
import type { AuditContext } from '../audit/audit-event.js';
import { fieldChanges, type FieldChange } from '../audit/field-changes.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { isDigest } from '../passwords/parse-password-hash.js';
import { normalizePassword } from '../passwords/password-format.js';
import { OWN, PasswordHasher } from '../passwords/password-hasher.js';
import { PasswordPolicy } from '../passwords/password-policy.js';
import { SecondFactorsService } from '../second-factors/second-factors.service.js';
import { parseTotpSecret } from '../second-factors/totp.js';
import { DeletedNames } from '../users/deleted-names.js';
import { type NewUser, type StoredUser, userFields } from '../users/user.js';
import { batchesOf } from '../users/user-batches.js';
import { UserRepository } from '../users/user-repository.js';
import { canonicalUsername, USERNAME_RULE } from '../users/username.js';
import { UsersService } from '../users/users.service.js';
import { disabledByFile, enableAsFileSays, KEEP_DELETED } from './configuration-change.js';
import { createdEntry, existingEntry, keptEntry } from './configuration-change.js';
import type { EntryChange, EntryOutcome } from './configuration-change.js';
import type { UserEntry } from './configuration-document.js';
import { writtenUserFields } from './entries.js';
import { userEntryProblems } from './user-entry-problems.js';
import { fromWire } from '../fields/field.js';
import { USER_FIELDS } from '../users/user-fields.js';

const PASSWORD_CHANGE: FieldChange = { field: 'password', secret: true };

const TOTP_CHANGE: FieldChange = { field: 'totp_secret', secret: true };

/** Placeholder for the hash of a password in a file that is refused anyway, so that no hash is computed. */
const NO_HASH = `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** Longer than for a login, which can be repeated: otherwise a slow machine could not start with the file. */
const FILE_FLOW = { ...OWN, minDeadlineMs: 10_000 };

/** The password or hash of an entry, prepared before the transaction. */
export interface PreparedPassword {
  /** `null` when the entry has no usable password or hash. */
  readonly hash: string | null;
  /** Why the password would be refused from its owner or through the API; `null`: it would be accepted. */
  readonly weakness: string | null;
}

const NO_PASSWORD: PreparedPassword = { hash: null, weakness: null };

/** Creates or updates the users of a configuration file. */
@Injectable()
export class UserProvisioner {
  constructor(
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
    private readonly repository: UserRepository,
    private readonly users: UsersService,
    private readonly hasher: PasswordHasher,
    private readonly policy: PasswordPolicy,
    private readonly deletedNames: DeletedNames,
    private readonly factors: SecondFactorsService,
  ) {}

  /** @param isRefused whether the file is refused anyway, so that the slow hashing can be skipped */
  async prepare(
    { username, password, password_hash: hash }: UserEntry,
    isRefused: boolean,
  ): Promise<PreparedPassword> {
    if (hash !== undefined) {
      const usable =
        isRefused || this.hasher.problemOf(hash) !== null
          ? null
          : await this.hasher.storable(hash, FILE_FLOW);
      return { hash: usable ?? (isRefused ? hash : null), weakness: null };
    }
    if (password === undefined) return NO_PASSWORD;
    const normalized = normalizePassword(password);
    const weakness = await this.policy.problemOf(normalized, canonicalUsername(username));
    if (normalized === null) return { hash: null, weakness };
    const isUseless = isRefused || (weakness !== null && this.config.production);
    return {
      hash: isUseless ? NO_HASH : await this.hasher.hash(normalized, FILE_FLOW),
      weakness,
    };
  }

  /** The entries whose password or hash will be used: those of new users, and those with `reset`. */
  async withUsedPassword(reader: Reader, entries: readonly UserEntry[]): Promise<ReadonlySet<UserEntry>> {
    // A hash needs no work, so the database is not asked whether it is used. A digest costs as much as a password.
    const isUsed = ({ reset, password_hash: hash }: UserEntry): boolean =>
      reset === true || (hash !== undefined && !isDigest(hash));
    const used = new Set(entries.filter(isUsed));
    const others = named(entries.filter((entry) => !used.has(entry)));
    for (const batch of batchesOf(others, namesOf)) {
      const stored = await this.repository.loadByUsernames(reader, batch.map(usernameOf));
      for (const { entry, username } of batch) {
        if (!stored.has(username)) used.add(entry);
      }
    }
    return used;
  }

  /**
   * @param passwords of the users whose password will be used
   * @param scopes the names of the existing scopes
   * @param onProgress receives the number of users that are done
   * @returns the outcome of each entry, in the order of the entries
   */
  async apply(
    tx: Transaction,
    entries: readonly UserEntry[],
    passwords: ReadonlyMap<UserEntry, PreparedPassword>,
    scopes: ReadonlySet<string>,
    context: AuditContext,
    onProgress?: (done: number) => void,
  ): Promise<EntryOutcome[]> {
    const outcomes = new Map<UserEntry, EntryOutcome>();
    for (const batch of batchesOf(named(entries), namesOf)) {
      const usernames = batch.map(usernameOf);
      const stored = await this.repository.loadByUsernames(tx, usernames);
      const missing = usernames.filter((username) => !stored.has(username));
      const deleted = await this.deletedNames.deletedByAdministrator(tx, 'user', missing);
      const newUsers = new Map<UserEntry, NewUser>();
      for (const { entry, username } of batch) {
        const prepared = passwords.get(entry) ?? NO_PASSWORD;
        const known = stored.get(username) ?? null;
        const outcome = deleted.has(username)
          ? { change: keptEntry('user', username, KEEP_DELETED) }
          : this.#refusal(entry, known, prepared, scopes);
        if (outcome !== null) outcomes.set(entry, outcome);
        else if (known !== null) outcomes.set(entry, await this.#update(tx, entry, known, prepared, context));
        else newUsers.set(entry, newUser(entry, username, prepared.hash ?? ''));
      }
      const taken = await this.users.create(tx, [...newUsers.values()], context);
      // An existing user keeps the current factors: an old file would otherwise restore a lost factor.
      const secrets = [...newUsers].flatMap(([{ totp_secret: text = '' }, { username }]) => {
        const secret = parseTotpSecret(text);
        return secret === null ? [] : [[username, secret] as const];
      });
      await this.factors.importTotp(tx, new Map(secrets), context);
      for (const [entry, user] of newUsers) {
        const error = taken.get(user.sub);
        const created = () => this.#created(entry, user, passwords.get(entry) ?? NO_PASSWORD);
        outcomes.set(
          entry,
          error === undefined ? created() : { problems: [`${error.field}: ${error.message}`] },
        );
      }
      onProgress?.(outcomes.size);
    }
    return entries.map((entry) => outcomes.get(entry) ?? { problems: [`username: ${USERNAME_RULE}`] });
  }

  #refusal(
    entry: UserEntry,
    stored: StoredUser | null,
    { weakness, hash }: PreparedPassword,
    scopes: ReadonlySet<string>,
  ): EntryOutcome | null {
    const problems = userEntryProblems(entry, stored, scopes, this.hasher);
    if (problems.length === 0 && weakness !== null && this.config.production) {
      problems.push(`password: ${weakness}`);
    }
    if (problems.length === 0 && stored === null && hash === null) {
      problems.push('password: is required for a new user, or a usable password_hash');
    }
    return problems.length === 0 ? null : { problems };
  }

  #created(entry: UserEntry, { username, ...attributes }: NewUser, prepared: PreparedPassword): EntryOutcome {
    const written = writtenUserFields(entry.sub ?? null, attributes, entry.enabled !== false);
    const imported = entry.totp_secret === undefined ? [] : [TOTP_CHANGE];
    const fields = [...fieldChanges({}, written), PASSWORD_CHANGE, ...imported];
    return { change: { ...createdEntry('user', username, fields), ...this.#warning(prepared) } };
  }

  async #update(
    tx: Transaction,
    entry: UserEntry,
    stored: StoredUser,
    prepared: PreparedPassword,
    context: AuditContext,
  ): Promise<EntryOutcome> {
    const attributes = fromWire(USER_FIELDS, entry);
    const fields = fieldChanges(userFields(stored.user), userFields(attributes));
    if (fields.length > 0) await this.users.update(tx, stored, attributes, context);
    let warning: Pick<EntryChange, 'warning'> = {};
    if (entry.reset === true && prepared.hash !== null) {
      await this.users.setPasswordHash(tx, stored, prepared.hash, context);
      fields.push(PASSWORD_CHANGE);
      warning = this.#warning(prepared);
    }
    const enabled = await enableAsFileSays(stored.disabledBy, entry.enabled, (disabledBy) =>
      this.users.setDisabled(tx, stored, disabledBy, context),
    );
    const { username } = stored.user;
    const change = existingEntry('user', username, [...fields, ...enabled.fields], enabled.note);
    return { change: { ...change, ...warning } };
  }

  #warning({ hash, weakness }: PreparedPassword): Pick<EntryChange, 'warning'> {
    if (weakness !== null) return { warning: `password ${weakness}; production refuses it` };
    const warning = hash === null ? null : this.hasher.warningOf(hash);
    return warning === null ? {} : { warning: `password_hash ${warning}` };
  }
}

/** An entry with a valid user name. */
interface NamedEntry {
  readonly entry: UserEntry;
  /** Canonical. */
  readonly username: string;
}

function named(entries: readonly UserEntry[]): NamedEntry[] {
  return entries.flatMap((entry) => {
    const username = canonicalUsername(entry.username);
    return username === null ? [] : [{ entry, username }];
  });
}

const usernameOf = ({ username }: NamedEntry): string => username;

const namesOf = ({ entry: { sub }, username }: NamedEntry): string[] =>
  sub === undefined || sub === username ? [username] : [username, sub];

function newUser(entry: UserEntry, username: string, passwordHash: string): NewUser {
  const disabledBy = disabledByFile(entry.enabled);
  return { sub: entry.sub ?? newId(), username, passwordHash, ...fromWire(USER_FIELDS, entry), disabledBy };
}

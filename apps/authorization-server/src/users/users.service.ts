import { Injectable } from '@nestjs/common';
import { Database, type Step } from '@latchkey/platform';
import type { AuditContext, AuditDetail, AuditKind } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import { FailureCounts, type FailedAttempt } from '../audit/failure-counts.js';
import { changesDetail, type EntryFields } from '../audit/field-changes.js';
import type { DisabledBy } from '../clients/client-repository.js';
import type { Reservation } from '../protection/login-throttle.js';
import { DeletedNames, type Authority } from '../subjects/deleted-names.js';
import { SubjectNames } from '../subjects/subject-names.js';
import type { AuthenticationFailure } from './user-authenticator.js';
import type { NewUser, User } from './user.js';
import { StoredHashCosts } from './stored-hash-costs.js';
import { userFields, UserRepository, type StoredUser, type UserAttributes } from './user-repository.js';

/** There is no such user. */
export class UnknownUserError extends Error {
  override readonly name = 'UnknownUserError';
}

/** The life of a user. Whatever must end the user's tokens raises the epoch, in the transaction of the change. */
@Injectable()
export class UsersService {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly subjects: SubjectNames,
    private readonly deletedNames: DeletedNames,
    private readonly audit: AuditLog,
    private readonly failures: FailureCounts,
    private readonly hashCosts: StoredHashCosts,
  ) {}

  /** @throws SubjectTakenError */
  *create(user: NewUser, disabledBy: DisabledBy | null, context: AuditContext): Step<void> {
    yield* this.subjects.claimUser(user.sub, user.username);
    yield* this.users.insert(user, disabledBy);
    yield* this.hashCosts.stored(user.passwordHash);
    const created = { ...recordedFields(user), enabled: disabledBy === null };
    yield* this.#record('user_created', user.sub, context, changesDetail({}, created));
  }

  *update({ user }: StoredUser, attributes: UserAttributes, context: AuditContext): Step<void> {
    yield* this.users.setAttributes(user.key, attributes);
    const changes = changesDetail(userFields(user), userFields(attributes));
    yield* this.#record('user_updated', user.sub, context, changes);
  }

  /**
   * By an administrator: `sub` and all sessions stay. A configuration file that still has the old name makes no second
   * user of it.
   *
   * @throws SubjectTakenError
   */
  *rename({ user }: StoredUser, username: string, context: AuditContext): Step<void> {
    yield* this.subjects.claimUsername(username);
    yield* this.users.setUsername(user.key, username);
    yield* this.deletedNames.add('user', user.username, 'administrator');
    const changes = changesDetail({ username: user.username }, { username });
    yield* this.#record('user_updated', user.sub, context, changes);
  }

  /** A new password ends every session that the old one, perhaps in other hands, began. */
  *setPasswordHash(
    { user }: StoredUser,
    passwordHash: string,
    context: AuditContext,
    { changeRequired = false } = {},
  ): Step<void> {
    yield* this.users.setPasswordHash(user.key, passwordHash, changeRequired);
    yield* this.hashCosts.stored(passwordHash);
    yield* this.users.raiseEpoch(user.key);
    yield* this.#record('password_changed', user.sub, context, { password_change_required: changeRequired });
  }

  /** Until the user changes the password it opens nothing but the self-service, so all sessions end. */
  *requirePasswordChange({ user }: StoredUser, required: boolean, context: AuditContext): Step<void> {
    yield* this.users.requirePasswordChange(user.key, required);
    if (required) yield* this.users.raiseEpoch(user.key);
    const changes = changesDetail(
      { password_change_required: user.passwordChangeRequired },
      { password_change_required: required },
    );
    yield* this.#record('user_updated', user.sub, context, changes);
  }

  /** Disabling ends all tokens of the user for good; enabling does not revive them. */
  *setDisabled({ user }: StoredUser, disabledBy: DisabledBy | null, context: AuditContext): Step<void> {
    yield* this.users.setDisabled(user.key, disabledBy);
    if (disabledBy !== null) yield* this.users.raiseEpoch(user.key);
    yield* this.#record(disabledBy === null ? 'user_enabled' : 'user_disabled', user.sub, context);
  }

  /** Ends all tokens of the user for good. */
  *remove({ user }: StoredUser, deletedBy: Authority, context: AuditContext): Step<void> {
    yield* this.users.delete(user.key);
    yield* this.deletedNames.add('user', user.username, deletedBy);
    yield* this.deletedNames.add('sub', user.sub, deletedBy);
    yield* this.#record('user_deleted', user.sub, context, changesDetail(recordedFields(user), {}));
  }

  /** @throws UnknownUserError */
  changePassword(sub: string, passwordHash: string, context: AuditContext): Promise<void> {
    return this.#change(sub, (stored) => this.setPasswordHash(stored, passwordHash, context));
  }

  /**
   * The owner's own change, decided on what was read before the current password was checked: when somebody else has
   * changed, disabled or deleted the user meanwhile, that stands.
   *
   * @returns whether the password was changed
   */
  changeOwnPassword(confirmed: User, passwordHash: string, context: AuditContext): Promise<boolean> {
    return this.database.write(() => this.#changeOwnPassword(confirmed, passwordHash, context));
  }

  /** Guesses at the current password, counted like failed logins. */
  refuseOwnPassword(
    { subject, reason }: AuthenticationFailure,
    failed: FailedAttempt<Reservation> | null,
    context: AuditContext,
  ): Promise<void> {
    const event = { kind: 'password_changed', outcome: 'failure', subject, detail: { reason } } as const;
    return this.failures.count({ ...context, ...event }, failed);
  }

  /** @throws UnknownUserError */
  disable(sub: string, context: AuditContext): Promise<void> {
    return this.#change(sub, (stored) => this.setDisabled(stored, 'administrator', context));
  }

  /** @throws UnknownUserError */
  enable(sub: string, context: AuditContext): Promise<void> {
    return this.#change(sub, (stored) => this.setDisabled(stored, null, context));
  }

  /** @throws UnknownUserError */
  delete(sub: string, context: AuditContext): Promise<void> {
    return this.#change(sub, (stored) => this.remove(stored, 'administrator', context));
  }

  /** Ends all sessions of the user for good, whatever their number. @throws UnknownUserError */
  endAuthorizations(sub: string, context: AuditContext): Promise<void> {
    return this.#change(sub, (stored) => this.#endAuthorizations(stored, context));
  }

  *#endAuthorizations({ user }: StoredUser, context: AuditContext): Step<void> {
    yield* this.users.raiseEpoch(user.key);
    yield* this.#record('user_authorizations_revoked', user.sub, context);
  }

  *#changeOwnPassword(confirmed: User, passwordHash: string, context: AuditContext): Step<boolean> {
    const stored = yield* this.users.loadBySub(confirmed.sub);
    if (stored === null || !stored.user.enabled || stored.user.epoch !== confirmed.epoch) return false;
    yield* this.setPasswordHash(stored, passwordHash, context);
    return true;
  }

  #change(sub: string, change: (stored: StoredUser) => Step<void>): Promise<void> {
    return this.database.write(() => this.#loadAnd(sub, change), 'administration');
  }

  *#loadAnd(sub: string, change: (stored: StoredUser) => Step<void>): Step<void> {
    const stored = yield* this.users.loadBySub(sub);
    if (stored === null) throw new UnknownUserError(`There is no user ${sub}`);
    yield* change(stored);
  }

  #record(kind: AuditKind, subject: string, context: AuditContext, detail: AuditDetail = {}): Step<void> {
    return this.audit.record({ ...context, kind, outcome: 'success', subject, detail });
  }
}

/** What the audit log keeps of a user who is created or deleted. */
function recordedFields(user: NewUser): EntryFields {
  const { username, passwordChangeRequired = false } = user;
  return { username, ...userFields(user), password_change_required: passwordChangeRequired };
}

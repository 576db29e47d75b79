import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@latchkey/platform/database';
import type { AuditContext, AuditDetail, AuditKind } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import { FailureCounts, type FailedAttempt } from '../audit/failure-counts.js';
import { changesDetail, type EntryFields } from '../audit/field-changes.js';
import type { Reservation } from '../throttling/login-reservation.js';
import { DeletedNames, type Authority } from './deleted-names.js';
import { SubjectNames, type SubjectTakenError } from './subject-names.js';
import { pickFields } from '../fields/field.js';
import { USER_FIELDS } from './user-fields.js';
import type { AuthenticationFailure } from './user-authenticator.js';
import { type NewUser, type StoredUser, type User, userFields } from './user.js';
import { StoredHashCosts } from './stored-hash-costs.js';
import { UserRepository } from './user-repository.js';
import type { UserAttributes } from './user-fields.js';

/** There is no such user. */
export class UnknownUserError extends Error {
  override readonly name = 'UnknownUserError';
}

/** Creates, changes and deletes users. Whatever must end the user's tokens raises the epoch in the same transaction. */
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

  /**
   * Creates the users whose names are free.
   *
   * @param users without duplicate names
   * @returns why the others are not created, by their `sub`
   */
  async create(
    tx: Transaction,
    users: readonly NewUser[],
    context: AuditContext,
  ): Promise<ReadonlyMap<string, SubjectTakenError>> {
    if (users.length === 0) return new Map();
    const refusals = await this.subjects.claimUsers(tx, users);
    const [first, ...others] = users.filter(({ sub }) => !refusals.has(sub));
    if (first === undefined) return refusals;
    await this.users.insert(tx, [first, ...others]);
    for (const { passwordHash } of [first, ...others]) await this.hashCosts.stored(tx, passwordHash);
    const event = (user: NewUser) => {
      const created = { ...recordedFields(user), enabled: user.disabledBy === null };
      const detail = changesDetail({}, created);
      return { ...context, kind: 'user_created', outcome: 'success', subject: user.sub, detail } as const;
    };
    await this.audit.record(tx, event(first), ...others.map(event));
    return refusals;
  }

  async update(
    tx: Transaction,
    { user }: StoredUser,
    attributes: UserAttributes,
    context: AuditContext,
  ): Promise<void> {
    await this.users.update(tx, user.key, pickFields(USER_FIELDS, attributes));
    const changes = changesDetail(userFields(user), userFields(attributes));
    await this.#record(tx, 'user_updated', user.sub, context, changes);
  }

  /**
   * Renames a user for an administrator: `sub` and all sessions stay. A configuration file that still has the old name
   * does not create a second user.
   *
   * @throws SubjectTakenError
   */
  async rename(
    tx: Transaction,
    { user }: StoredUser,
    username: string,
    context: AuditContext,
  ): Promise<void> {
    await this.subjects.claimUsername(tx, username);
    await this.users.update(tx, user.key, { username });
    await this.deletedNames.add(tx, 'user', user.username, 'administrator');
    const changes = changesDetail({ username: user.username }, { username });
    await this.#record(tx, 'user_updated', user.sub, context, changes);
  }

  /** A new password ends every session, because an attacker may have started one with the old password. */
  async setPasswordHash(
    tx: Transaction,
    { user }: StoredUser,
    passwordHash: string,
    context: AuditContext,
    { changeRequired = false } = {},
  ): Promise<void> {
    await this.users.update(tx, user.key, { passwordHash, passwordChangeRequired: changeRequired });
    await this.hashCosts.stored(tx, passwordHash);
    await this.users.raiseEpoch(tx, user.key);
    await this.#record(tx, 'password_changed', user.sub, context, {
      password_change_required: changeRequired,
    });
  }

  /** Until the user changes the password, it only gives access to the self-service, so all sessions end. */
  async requirePasswordChange(
    tx: Transaction,
    { user }: StoredUser,
    required: boolean,
    context: AuditContext,
  ): Promise<void> {
    await this.users.update(tx, user.key, { passwordChangeRequired: required });
    if (required) await this.users.raiseEpoch(tx, user.key);
    const changes = changesDetail(
      { password_change_required: user.passwordChangeRequired },
      { password_change_required: required },
    );
    await this.#record(tx, 'user_updated', user.sub, context, changes);
  }

  /** Disabling ends all tokens of the user for good; enabling does not revive them. */
  async setDisabled(
    tx: Transaction,
    { user }: StoredUser,
    disabledBy: Authority | null,
    context: AuditContext,
  ): Promise<void> {
    await this.users.update(tx, user.key, { disabledBy });
    if (disabledBy !== null) await this.users.raiseEpoch(tx, user.key);
    await this.#record(tx, disabledBy === null ? 'user_enabled' : 'user_disabled', user.sub, context);
  }

  /** Ends all tokens of the user for good. */
  async remove(
    tx: Transaction,
    { user }: StoredUser,
    deletedBy: Authority,
    context: AuditContext,
  ): Promise<void> {
    await this.users.delete(tx, user.key);
    await this.deletedNames.add(tx, 'user', user.username, deletedBy);
    await this.deletedNames.add(tx, 'sub', user.sub, deletedBy);
    await this.#record(tx, 'user_deleted', user.sub, context, changesDetail(recordedFields(user), {}));
  }

  /**
   * The owner's own change, based on the user that was read before the current password was checked. It does nothing
   * when another request has changed, disabled or deleted the user meanwhile.
   *
   * @returns whether the password was changed
   */
  changeOwnPassword(confirmed: User, passwordHash: string, context: AuditContext): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const stored = await this.users.loadBySub(tx, confirmed.sub);
      if (stored === null || !stored.user.enabled || stored.user.epoch !== confirmed.epoch) return false;
      await this.setPasswordHash(tx, stored, passwordHash, context);
      return true;
    });
  }

  /** Records a wrong current password, which counts like a failed login. */
  refuseOwnPassword(
    { subject, reason }: AuthenticationFailure,
    failed: FailedAttempt<Reservation> | null,
    context: AuditContext,
  ): Promise<void> {
    const event = { kind: 'password_changed', outcome: 'failure', subject, detail: { reason } } as const;
    return this.failures.count({ ...context, ...event }, failed);
  }

  /** @throws UnknownUserError */
  delete(sub: string, context: AuditContext): Promise<void> {
    return this.#change(sub, (tx, stored) => this.remove(tx, stored, 'administrator', context));
  }

  /** Ends all sessions of the user for good, whatever their number. @throws UnknownUserError */
  endAuthorizations(sub: string, context: AuditContext): Promise<void> {
    return this.#change(sub, (tx, stored) => this.#endAuthorizations(tx, stored, context));
  }

  async #endAuthorizations(tx: Transaction, { user }: StoredUser, context: AuditContext): Promise<void> {
    await this.users.raiseEpoch(tx, user.key);
    await this.#record(tx, 'user_authorizations_revoked', user.sub, context);
  }

  #change(sub: string, change: (tx: Transaction, stored: StoredUser) => Promise<void>): Promise<void> {
    return this.database.transaction(async (tx) => {
      const stored = await this.users.loadBySub(tx, sub);
      if (stored === null) throw new UnknownUserError(`There is no user ${sub}`);
      await change(tx, stored);
    }, 'administration');
  }

  #record(
    tx: Transaction,
    kind: AuditKind,
    subject: string,
    context: AuditContext,
    detail: AuditDetail = {},
  ): Promise<void> {
    return this.audit.record(tx, { ...context, kind, outcome: 'success', subject, detail });
  }
}

/** The fields of a created or deleted user that the audit log keeps. */
function recordedFields(user: Omit<NewUser, 'disabledBy'>): EntryFields {
  const { username, passwordChangeRequired = false } = user;
  return { username, ...userFields(user), password_change_required: passwordChangeRequired };
}

import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@latchkey/platform/database';
import { toScannedPage, type Page } from '@latchkey/platform/http';
import type { AuditContext, AuditDetail } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import { LoginDelays, type AccountDelay } from '../throttling/login-delays.js';
import { SecondFactorsService } from '../second-factors/second-factors.service.js';
import { ScopesService } from '../scopes/scopes.service.js';
import { SubjectTakenError } from '../users/subject-names.js';
import { UserListRepository, type UserFilter } from '../users/user-list-repository.js';
import { UserRepository } from '../users/user-repository.js';
import type { StoredUser } from '../users/user.js';
import { pickFields } from '../fields/field.js';
import { USER_FIELDS, type UserAttributes } from '../users/user-fields.js';
import { UnknownUserError, UsersService } from '../users/users.service.js';
import type { Administrator } from './administrator.js';
import { assertUnchanged } from './entity-tag.js';
import { Problem } from './problem.js';

/** A change of a user; missing members stay as they are. */
interface UserChange {
  readonly attributes: Partial<UserAttributes>;
  /** Canonical. */
  readonly username?: string | undefined;
  readonly passwordChangeRequired?: boolean | undefined;
}

/** Operations of administrators on users, one transaction each. */
@Injectable()
export class AdminUsersService {
  constructor(
    private readonly database: Database,
    private readonly repository: UserRepository,
    private readonly users: UsersService,
    private readonly scopes: ScopesService,
    private readonly delays: LoginDelays,
    private readonly audit: AuditLog,
    private readonly listRepository: UserListRepository,
    private readonly factors: SecondFactorsService,
  ) {}

  async list(filter: UserFilter, limit: number, after: string | null): Promise<Page<StoredUser>> {
    const examined = await this.listRepository.list(filter, limit + 1, after);
    return toScannedPage(examined, limit, ({ user }) => user.username);
  }

  /** @throws UnknownUserError */
  async find(sub: string): Promise<StoredUser> {
    return (await this.listRepository.find(sub)) ?? unknownUser(sub);
  }

  /** The current delays for logins of a user, with a password and with each second factor. */
  delaysOf({ user }: StoredUser): Promise<AccountDelay[]> {
    return this.delays.of(user.username);
  }

  /** @throws UnknownUserError, Problem */
  change(sub: string, ifMatch: string, change: UserChange, { context }: Administrator): Promise<StoredUser> {
    return this.database.transaction(async (tx) => {
      await this.scopes.lock(tx);
      return this.#loadAnd(tx, sub, (tx, stored) => this.#change(tx, stored, ifMatch, change, context));
    }, 'administration');
  }

  /** Ends all sessions. @throws UnknownUserError */
  setPasswordHash(
    sub: string,
    passwordHash: string,
    changeRequired: boolean,
    { context }: Administrator,
  ): Promise<StoredUser> {
    return this.#do(sub, (tx, stored) =>
      this.users.setPasswordHash(tx, stored, passwordHash, context, { changeRequired }),
    );
  }

  /** @throws UnknownUserError */
  setEnabled(sub: string, enabled: boolean, { context }: Administrator): Promise<StoredUser> {
    const disabledBy = enabled ? null : 'administrator';
    return this.#do(sub, async (tx, stored) => {
      if (stored.disabledBy !== disabledBy) await this.users.setDisabled(tx, stored, disabledBy, context);
    });
  }

  /**
   * Resets the failed logins, so that the next one is not delayed.
   *
   * @param address from which the user has logged in before; its attempts are counted separately
   * @throws UnknownUserError
   */
  unlock(sub: string, address: string | null, { context }: Administrator): Promise<StoredUser> {
    return this.#do(sub, (tx, stored) => this.#unlock(tx, stored, address, context));
  }

  /** For a user who has lost the second factor. Ends all sessions. @throws UnknownUserError */
  resetFactors(sub: string, { context }: Administrator): Promise<StoredUser> {
    return this.#do(sub, (tx, { user }) => this.factors.reset(tx, user, context));
  }

  /** @throws UnknownUserError */
  delete(sub: string, { context }: Administrator): Promise<void> {
    return this.users.delete(sub, context);
  }

  #do(sub: string, act: (tx: Transaction, stored: StoredUser) => Promise<void>): Promise<StoredUser> {
    return this.database.transaction((tx) => this.#loadAnd(tx, sub, act), 'administration');
  }

  async #loadAnd(
    tx: Transaction,
    sub: string,
    act: (tx: Transaction, stored: StoredUser) => Promise<void>,
  ): Promise<StoredUser> {
    await act(tx, (await this.repository.loadBySub(tx, sub)) ?? unknownUser(sub));
    return (await this.repository.loadBySub(tx, sub)) ?? unknownUser(sub);
  }

  async #change(
    tx: Transaction,
    stored: StoredUser,
    ifMatch: string,
    { username, passwordChangeRequired, attributes: changed }: UserChange,
    context: AuditContext,
  ): Promise<void> {
    const { user } = stored;
    assertUnchanged(ifMatch, { key: user.key, version: stored.version });
    const attributes = { ...pickFields(USER_FIELDS, user), ...changed };
    const scopes = new Set(await this.scopes.listNames(tx));
    const unknown = [...(attributes.allowedScope ?? [])].filter((name) => !scopes.has(name));
    if (unknown.length > 0) {
      throw Problem.invalid([{ field: 'allowed_scope', problem: `there is no scope ${unknown.join(' ')}` }]);
    }
    if (username !== undefined && username !== user.username)
      await this.#rename(tx, stored, username, context);
    if (Object.keys(changed).length > 0) await this.users.update(tx, stored, attributes, context);
    if (passwordChangeRequired !== undefined && passwordChangeRequired !== user.passwordChangeRequired) {
      await this.users.requirePasswordChange(tx, stored, passwordChangeRequired, context);
    }
  }

  async #rename(tx: Transaction, stored: StoredUser, username: string, context: AuditContext): Promise<void> {
    try {
      await this.users.rename(tx, stored, username, context);
    } catch (error) {
      if (!(error instanceof SubjectTakenError)) throw error;
      throw Problem.conflicts([{ field: error.field, problem: error.problem }]);
    }
  }

  async #unlock(
    tx: Transaction,
    { user }: StoredUser,
    address: string | null,
    context: AuditContext,
  ): Promise<void> {
    await this.delays.forget(tx, user.username, address);
    const detail: AuditDetail = address === null ? {} : { address };
    await this.audit.record(tx, {
      ...context,
      kind: 'user_unlocked',
      outcome: 'success',
      subject: user.sub,
      detail,
    });
  }
}

function unknownUser(sub: string): never {
  throw new UnknownUserError(`There is no user ${sub}`);
}

import { Injectable } from '@nestjs/common';
import { Database, toScannedPage, type Page, type Step } from '@latchkey/platform';
import type { AuditContext, AuditDetail } from '../../audit/audit-event.js';
import { AuditLog } from '../../audit/audit-log.js';
import { LoginThrottle, type AccountDelay } from '../../protection/login-throttle.js';
import { ScopesService } from '../../scopes/scopes.service.js';
import { SubjectTakenError } from '../../subjects/subject-names.js';
import { UserListRepository, type UserFilter } from '../../users/user-list-repository.js';
import { UserRepository, type StoredUser, type UserAttributes } from '../../users/user-repository.js';
import { UnknownUserError, UsersService } from '../../users/users.service.js';
import type { Administrator } from '../common/administrator.js';
import { assertUnchanged } from '../common/entity-tag.js';
import { Problem } from '../common/problem.js';

/** What a change says about a user; what it leaves out stays. */
export interface UserChange extends Partial<UserAttributes> {
  /** Canonical. */
  readonly username?: string;
  readonly passwordChangeRequired?: boolean | undefined;
}

/** What administrators do to users, each as one unit of work. */
@Injectable()
export class AdminUsersService {
  constructor(
    private readonly database: Database,
    private readonly repository: UserRepository,
    private readonly users: UsersService,
    private readonly scopes: ScopesService,
    private readonly throttle: LoginThrottle,
    private readonly audit: AuditLog,
    private readonly listRepository: UserListRepository,
  ) {}

  async list(filter: UserFilter, limit: number, after: string | null): Promise<Page<StoredUser>> {
    const examined = await this.listRepository.list(filter, limit + 1, after);
    return toScannedPage(examined, limit, ({ user }) => user.username);
  }

  /** @throws UnknownUserError */
  async find(sub: string): Promise<StoredUser> {
    return (await this.listRepository.find(sub)) ?? unknownUser(sub);
  }

  /** Why and until when logins of a user must wait. */
  delaysOf({ user }: StoredUser): Promise<AccountDelay[]> {
    return this.throttle.delaysOf(user.username);
  }

  /** @throws UnknownUserError, Problem */
  change(sub: string, ifMatch: string, change: UserChange, { context }: Administrator): Promise<StoredUser> {
    return this.database.write(() => this.#lockAndChange(sub, ifMatch, change, context), 'administration');
  }

  /** Ends all sessions. @throws UnknownUserError */
  setPasswordHash(
    sub: string,
    passwordHash: string,
    changeRequired: boolean,
    { context }: Administrator,
  ): Promise<StoredUser> {
    return this.#do(sub, (stored) =>
      this.users.setPasswordHash(stored, passwordHash, context, { changeRequired }),
    );
  }

  /** @throws UnknownUserError */
  setEnabled(sub: string, enabled: boolean, { context }: Administrator): Promise<StoredUser> {
    const disabledBy = enabled ? null : 'administrator';
    return this.#do(sub, (stored) =>
      stored.disabledBy === disabledBy ? nothing() : this.users.setDisabled(stored, disabledBy, context),
    );
  }

  /**
   * Forgets the failed logins, so that the next one need not wait.
   *
   * @param address a place that the user has logged in from before, whose attempts are counted apart
   * @throws UnknownUserError
   */
  unlock(sub: string, address: string | null, { context }: Administrator): Promise<StoredUser> {
    return this.#do(sub, (stored) => this.#unlock(stored, address, context));
  }

  /** @throws UnknownUserError */
  delete(sub: string, { context }: Administrator): Promise<void> {
    return this.users.delete(sub, context);
  }

  #do(sub: string, act: (stored: StoredUser) => Step<void>): Promise<StoredUser> {
    return this.database.write(() => this.#loadAnd(sub, act), 'administration');
  }

  *#loadAnd(sub: string, act: (stored: StoredUser) => Step<void>): Step<StoredUser> {
    yield* act((yield* this.repository.loadBySub(sub)) ?? unknownUser(sub));
    return (yield* this.repository.loadBySub(sub)) ?? unknownUser(sub);
  }

  *#lockAndChange(sub: string, ifMatch: string, change: UserChange, context: AuditContext): Step<StoredUser> {
    yield* this.scopes.lock();
    return yield* this.#loadAnd(sub, (stored) => this.#change(stored, ifMatch, change, context));
  }

  *#change(
    stored: StoredUser,
    ifMatch: string,
    { username, passwordChangeRequired, ...change }: UserChange,
    context: AuditContext,
  ): Step<void> {
    const { user } = stored;
    assertUnchanged(ifMatch, { key: user.key, version: stored.version });
    const { groups = user.groups, allowedScope = user.allowedScope } = change;
    const scopes = new Set(yield* this.scopes.listNames());
    const unknown = [...(allowedScope ?? [])].filter((name) => !scopes.has(name));
    if (unknown.length > 0) {
      throw Problem.invalid([{ field: 'allowed_scope', problem: `there is no scope ${unknown.join(' ')}` }]);
    }
    if (username !== undefined && username !== user.username) yield* this.#rename(stored, username, context);
    if (change.groups !== undefined || change.allowedScope !== undefined) {
      yield* this.users.update(stored, { groups, allowedScope }, context);
    }
    if (passwordChangeRequired !== undefined && passwordChangeRequired !== user.passwordChangeRequired) {
      yield* this.users.requirePasswordChange(stored, passwordChangeRequired, context);
    }
  }

  *#rename(stored: StoredUser, username: string, context: AuditContext): Step<void> {
    try {
      yield* this.users.rename(stored, username, context);
    } catch (error) {
      if (!(error instanceof SubjectTakenError)) throw error;
      throw Problem.conflicts([{ field: error.field, problem: error.problem }]);
    }
  }

  *#unlock({ user }: StoredUser, address: string | null, context: AuditContext): Step<void> {
    yield* this.throttle.forget(user.username, address);
    const detail: AuditDetail = address === null ? {} : { address };
    yield* this.audit.record({
      ...context,
      kind: 'user_unlocked',
      outcome: 'success',
      subject: user.sub,
      detail,
    });
  }
}

function* nothing(): Step<void> {
  // It is so already.
}

function unknownUser(sub: string): never {
  throw new UnknownUserError(`There is no user ${sub}`);
}

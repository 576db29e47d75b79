import { Injectable } from '@nestjs/common';
import { ScopeSet } from '@latchkey/contracts';
import { Database, newId, type Step } from '@latchkey/platform';
import type { FieldProblem } from '../../clients/client-registration.js';
import { ScopesService } from '../../scopes/scopes.service.js';
import { SubjectTakenError } from '../../subjects/subject-names.js';
import type { NewUser } from '../../users/user.js';
import { UserRepository, type StoredUser } from '../../users/user-repository.js';
import { canonicalUsername } from '../../users/username.js';
import { UsersService } from '../../users/users.service.js';
import type { Administrator } from '../common/administrator.js';
import { Problem } from '../common/problem.js';
import { GivenPasswords } from './given-passwords.service.js';
import type { NewUserRequest } from './user.requests.js';

interface PreparedUser extends NewUser {
  readonly enabled: boolean;
}

/** Creates users, one or many: all of a request or none. */
@Injectable()
export class AdminUserCreationService {
  constructor(
    private readonly database: Database,
    private readonly repository: UserRepository,
    private readonly users: UsersService,
    private readonly scopes: ScopesService,
    private readonly passwords: GivenPasswords,
  ) {}

  /**
   * @param place says where in the request a user is, for the names of wrong fields
   * @throws Problem naming everything that is wrong
   * @throws HashQueueFullError
   */
  async create(
    requests: readonly NewUserRequest[],
    place: (index: number) => string,
    administrator: Administrator,
  ): Promise<StoredUser[]> {
    const problems: FieldProblem[] = [];
    for (const [index, request] of requests.entries()) {
      const username = canonicalUsername(request.username);
      const found = await this.passwords.problemsOf(request, username);
      if (username === null) found.push({ field: 'username', problem: NO_NAME });
      problems.push(...found.map(({ field, problem }) => ({ field: place(index) + field, problem })));
    }
    if (problems.length > 0) throw Problem.invalid(problems);
    const prepared: PreparedUser[] = [];
    for (const request of requests) prepared.push(await this.#prepare(request));
    return this.database.write(() => this.#create(prepared, place, administrator));
  }

  async #prepare(request: NewUserRequest): Promise<PreparedUser> {
    const { sub = newId(), groups = [], allowed_scope: allowedScope, enabled = true } = request;
    return {
      sub,
      username: canonicalUsername(request.username) ?? '',
      passwordHash: await this.passwords.hashOf(request),
      passwordChangeRequired: request.password_change_required ?? false,
      groups,
      allowedScope: allowedScope === undefined ? null : ScopeSet.parse(allowedScope),
      enabled,
    };
  }

  *#create(
    users: readonly PreparedUser[],
    place: (index: number) => string,
    { context }: Administrator,
  ): Step<StoredUser[]> {
    const scopes = new Set(yield* this.scopes.listNames());
    const unknown = users.flatMap(({ allowedScope }, index) =>
      [...(allowedScope ?? [])]
        .filter((name) => !scopes.has(name))
        .map((name) => ({ field: `${place(index)}allowed_scope`, problem: `there is no scope ${name}` })),
    );
    if (unknown.length > 0) throw Problem.invalid(unknown);
    // One creation at a time: a name that is free now is free when it is taken.
    yield* this.database.lock('subjects');
    const created: StoredUser[] = [];
    for (const [index, user] of users.entries()) {
      if ((yield* this.repository.loadByUsername(user.username)) !== null) {
        throw Problem.conflict(`${place(index)}username`, 'is taken');
      }
      try {
        yield* this.users.create(user, user.enabled ? null : 'administrator', context);
      } catch (error) {
        if (error instanceof SubjectTakenError)
          throw Problem.conflict(`${place(index)}${error.field}`, 'is taken');
        throw error;
      }
      const stored = yield* this.repository.loadBySub(user.sub);
      if (stored !== null) created.push(stored);
    }
    return created;
  }
}

const NO_NAME = 'must be letters, digits, marks and visible ASCII, without spaces';

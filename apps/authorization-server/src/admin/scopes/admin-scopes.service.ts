import { Injectable } from '@nestjs/common';
import { Database, toPage, type Page, type Step } from '@latchkey/platform';
import { isBuiltInScope, isReservedScope } from '../../scopes/reserved-scope.js';
import { ScopeRepository, type Scope } from '../../scopes/scope-repository.js';
import { ScopeInUseError, ScopesService } from '../../scopes/scopes.service.js';
import type { Administrator } from '../common/administrator.js';
import { Problem } from '../common/problem.js';

/** What administrators do to scopes, each as one unit of work. */
@Injectable()
export class AdminScopesService {
  constructor(
    private readonly database: Database,
    private readonly repository: ScopeRepository,
    private readonly scopes: ScopesService,
  ) {}

  async list(prefix: string, limit: number, after: string | null): Promise<Page<Scope>> {
    const found = await this.repository.list(prefix, limit + 1, after);
    return toPage(found, limit, ({ name }) => name);
  }

  /** @throws Problem */
  async find(name: string): Promise<Scope> {
    return (await this.repository.find(name)) ?? unknownScope();
  }

  /** @throws Problem */
  create(scope: Scope, administrator: Administrator): Promise<void> {
    return this.database.write(() => this.#create(scope, administrator), 'administration');
  }

  /** @throws Problem */
  describe(scope: Scope, administrator: Administrator): Promise<void> {
    return this.database.write(() => this.#describe(scope, administrator), 'administration');
  }

  /** @throws Problem naming who has it */
  async delete(name: string, administrator: Administrator): Promise<void> {
    try {
      await this.database.write(() => this.#delete(name, administrator), 'administration');
    } catch (error) {
      if (!(error instanceof ScopeInUseError)) throw error;
      const { clientIds, usernames } = error.uses;
      throw new Problem(409, 'in_use', 'Clients or users have the scope', {
        used_by: { clients: clientIds, users: usernames },
      });
    }
  }

  *#create(scope: Scope, { context }: Administrator): Step<void> {
    if (isReservedScope(scope.name)) {
      throw Problem.invalid([{ field: 'name', problem: 'administrative scopes are built in' }]);
    }
    const names = yield* this.scopes.listNames();
    if (names.includes(scope.name)) throw Problem.conflict('name', 'is taken');
    yield* this.scopes.ensure([scope], context);
  }

  *#describe(scope: Scope, { context }: Administrator): Step<void> {
    yield* this.#assertOwn(scope.name);
    yield* this.scopes.ensure([scope], context);
  }

  *#delete(name: string, { context }: Administrator): Step<void> {
    yield* this.#assertOwn(name);
    yield* this.scopes.remove(name, context);
  }

  /** The scopes of our own API are part of the server. */
  *#assertOwn(name: string): Step<void> {
    const names = yield* this.scopes.listNames();
    if (!names.includes(name)) unknownScope();
    if (isBuiltInScope(name)) throw new Problem(409, 'conflict', 'The scope is built in');
  }
}

function unknownScope(): never {
  throw Problem.notFound('scope');
}

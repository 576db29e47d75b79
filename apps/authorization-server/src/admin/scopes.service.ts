import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@latchkey/platform/database';
import { toPage, type Page } from '@latchkey/platform/http';
import { isBuiltInScope, isReservedScope } from '../scopes/reserved-scope.js';
import { ScopeRepository, type Scope } from '../scopes/scope-repository.js';
import { ScopeInUseError, ScopesService } from '../scopes/scopes.service.js';
import type { Administrator } from './administrator.js';
import { Problem } from './problem.js';

/** Operations of administrators on scopes, one transaction each. */
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
  create(scope: Scope, { context }: Administrator): Promise<void> {
    return this.database.transaction(async (tx) => {
      if (isReservedScope(scope.name)) {
        throw Problem.invalid([{ field: 'name', problem: 'administrative scopes are built in' }]);
      }
      const names = await this.scopes.listNames(tx);
      if (names.includes(scope.name)) throw Problem.conflict('name', 'is taken');
      await this.scopes.ensure(tx, [scope], context);
    }, 'administration');
  }

  /** @throws Problem */
  describe(scope: Scope, { context }: Administrator): Promise<void> {
    return this.database.transaction(async (tx) => {
      await this.#assertOwn(tx, scope.name);
      await this.scopes.ensure(tx, [scope], context);
    }, 'administration');
  }

  /** @throws Problem naming the clients and users that have it */
  async delete(name: string, administrator: Administrator): Promise<void> {
    try {
      await this.database.transaction((tx) => this.#delete(tx, name, administrator), 'administration');
    } catch (error) {
      if (!(error instanceof ScopeInUseError)) throw error;
      const { clientIds, usernames } = error.uses;
      throw new Problem(409, 'in_use', 'Clients or users have the scope', {
        used_by: { clients: clientIds, users: usernames },
      });
    }
  }

  async #delete(tx: Transaction, name: string, { context }: Administrator): Promise<void> {
    await this.#assertOwn(tx, name);
    await this.scopes.remove(tx, name, context);
  }

  /** The scopes of our own API are part of the server. */
  async #assertOwn(tx: Transaction, name: string): Promise<void> {
    const names = await this.scopes.listNames(tx);
    if (!names.includes(name)) unknownScope();
    if (isBuiltInScope(name)) throw new Problem(409, 'conflict', 'The scope is built in');
  }
}

function unknownScope(): never {
  throw Problem.notFound('scope');
}

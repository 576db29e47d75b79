import { Injectable } from '@nestjs/common';
import { ScopeSet } from '@latchkey/contracts';
import { Database } from '@latchkey/platform/database';
import type { Page } from '@latchkey/platform/http';
import type { StoredClient } from '../clients/client.js';
import { AdminClientsService } from './clients.service.js';
import type { Administrator } from './administrator.js';
import { Problem } from './problem.js';
import { AdminScopesService } from './scopes.service.js';

/** The clients that may request a scope, which their `scope` lists. */
@Injectable()
export class AdminScopeClientsService {
  constructor(
    private readonly database: Database,
    private readonly scopes: AdminScopesService,
    private readonly clients: AdminClientsService,
  ) {}

  /** @throws Problem */
  async list(name: string, limit: number, after: string | null): Promise<Page<StoredClient>> {
    await this.scopes.find(name);
    return this.clients.list({ scope: name }, limit, after);
  }

  /** @throws Problem when the client may not request the scope */
  async find(name: string, clientId: string): Promise<StoredClient> {
    await this.scopes.find(name);
    const stored = await this.clients.find(clientId);
    return stored.registration.scope.has(name) ? stored : notAssociated();
  }

  /** Lets the client request the scope. @throws Problem, BearerError */
  async add(name: string, clientId: string, administrator: Administrator): Promise<void> {
    await this.scopes.find(name);
    await this.database.transaction(async (tx) => {
      const stored = await this.clients.lockToReplace(tx, clientId, administrator);
      const { registration } = stored;
      if (registration.scope.has(name)) return;
      const scope = ScopeSet.of([...registration.scope, name]);
      await this.clients.replaceWithin(tx, stored, { ...registration, scope }, administrator);
    }, 'administration');
  }

  /** Removes the scope from the client, also from its default scope. @throws Problem, BearerError */
  async remove(name: string, clientId: string, administrator: Administrator): Promise<void> {
    await this.scopes.find(name);
    await this.database.transaction(async (tx) => {
      const stored = await this.clients.lockToReplace(tx, clientId, administrator);
      const { registration } = stored;
      if (!registration.scope.has(name)) notAssociated();
      const scope = without(registration.scope, name);
      const rest = registration.defaultScope && without(registration.defaultScope, name);
      const defaultScope = rest?.isEmpty === true ? null : rest;
      await this.clients.replaceWithin(tx, stored, { ...registration, scope, defaultScope }, administrator);
    }, 'administration');
  }
}

function without(scope: ScopeSet, name: string): ScopeSet {
  return ScopeSet.of([...scope].filter((other) => other !== name));
}

function notAssociated(): never {
  throw new Problem(404, 'not_found', 'The client does not have the scope');
}

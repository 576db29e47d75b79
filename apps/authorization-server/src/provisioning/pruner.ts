import { Injectable } from '@nestjs/common';
import type { Step } from '@latchkey/platform';
import type { AuditContext } from '../audit/audit-event.js';
import { ClientRepository } from '../clients/client-repository.js';
import { ClientsService } from '../clients/clients.service.js';
import { isBuiltInScope } from '../scopes/reserved-scope.js';
import { ScopeInUseError, ScopesService } from '../scopes/scopes.service.js';
import { UserRepository } from '../users/user-repository.js';
import { canonicalUsername } from '../users/username.js';
import { UsersService } from '../users/users.service.js';
import { keptEntry, type EntryChange, type EntryKind } from './configuration-change.js';
import type { ConfigurationDocument } from './configuration-document.js';

/** Or nobody could administer the server any more; a client of that kind is deleted on purpose. */
const KEPT_ADMINISTRATOR = 'it has administrative scopes';

/**
 * Deletes what a configuration file does not name. A list that the file does not have says nothing about its kind, so
 * that a file of clients deletes no users.
 */
@Injectable()
export class Pruner {
  constructor(
    private readonly clientRepository: ClientRepository,
    private readonly clients: ClientsService,
    private readonly userRepository: UserRepository,
    private readonly users: UsersService,
    private readonly scopes: ScopesService,
  ) {}

  /** After everything that the file names was applied. @returns what is deleted, and what is kept and why */
  *prune({ scopes, clients, users }: ConfigurationDocument, context: AuditContext): Step<EntryChange[]> {
    return [
      ...(clients === undefined
        ? []
        : yield* this.#pruneClients(new Set(clients.map((entry) => entry.client_id)), context)),
      ...(users === undefined
        ? []
        : yield* this.#pruneUsers(
            new Set(users.map(({ username }) => canonicalUsername(username))),
            context,
          )),
      // Last, when nobody has them any more.
      ...(scopes === undefined
        ? []
        : yield* this.#pruneScopes(new Set(scopes.map(({ name }) => name)), context)),
    ];
  }

  *#pruneClients(named: ReadonlySet<string>, context: AuditContext): Step<EntryChange[]> {
    const changes: EntryChange[] = [];
    for (const { clientId, isAdministrator } of yield* this.clientRepository.listNames()) {
      if (named.has(clientId)) continue;
      if (isAdministrator) {
        changes.push(keptEntry('client', clientId, KEPT_ADMINISTRATOR));
        continue;
      }
      const stored = yield* this.clientRepository.load(clientId);
      if (stored === null) continue;
      yield* this.clients.remove(stored, 'configuration', context);
      changes.push(deletedEntry('client', clientId));
    }
    return changes;
  }

  *#pruneUsers(named: ReadonlySet<string | null>, context: AuditContext): Step<EntryChange[]> {
    const changes: EntryChange[] = [];
    for (const username of yield* this.userRepository.listNames()) {
      const stored = named.has(username) ? null : yield* this.userRepository.loadByUsername(username);
      if (stored === null) continue;
      yield* this.users.remove(stored, 'configuration', context);
      changes.push(deletedEntry('user', username));
    }
    return changes;
  }

  *#pruneScopes(named: ReadonlySet<string>, context: AuditContext): Step<EntryChange[]> {
    const changes: EntryChange[] = [];
    for (const name of yield* this.scopes.listNames()) {
      if (named.has(name) || isBuiltInScope(name)) continue;
      changes.push(yield* this.#pruneScope(name, context));
    }
    return changes;
  }

  *#pruneScope(name: string, context: AuditContext): Step<EntryChange> {
    try {
      yield* this.scopes.remove(name, context);
      return deletedEntry('scope', name);
    } catch (error) {
      if (!(error instanceof ScopeInUseError)) throw error;
      const { clientIds, usernames } = error.uses;
      const [who] = [...clientIds, ...usernames];
      return keptEntry('scope', name, `${who} has it`);
    }
  }
}

function deletedEntry(kind: EntryKind, name: string): EntryChange {
  return { kind, name, action: 'delete', fields: [], note: null };
}

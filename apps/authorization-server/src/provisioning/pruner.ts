import { Injectable } from '@nestjs/common';
import type { Transaction } from '@latchkey/platform/database';
import type { AuditContext } from '../audit/audit-event.js';
import { ClientRepository } from '../clients/client-repository.js';
import { ClientsService } from '../clients/clients.service.js';
import { GroupsService } from '../groups/groups.service.js';
import { isBuiltInScope } from '../scopes/reserved-scope.js';
import { ScopeInUseError, ScopesService } from '../scopes/scopes.service.js';
import { UserRepository } from '../users/user-repository.js';
import { canonicalUsername } from '../users/username.js';
import { UsersService } from '../users/users.service.js';
import { keptEntry, type EntryChange, type EntryKind } from './configuration-change.js';
import type { ConfigurationDocument } from './configuration-document.js';

/** Otherwise the server could be left without an administrator. Such a client has to be deleted explicitly. */
const KEPT_ADMINISTRATOR = 'it has administrative scopes';

/**
 * Deletes what a configuration file does not name. If the file has no list of a kind, nothing of that kind is deleted:
 * a file of clients deletes no users.
 */
@Injectable()
export class Pruner {
  constructor(
    private readonly clientRepository: ClientRepository,
    private readonly clients: ClientsService,
    private readonly userRepository: UserRepository,
    private readonly users: UsersService,
    private readonly scopes: ScopesService,
    private readonly groupsService: GroupsService,
  ) {}

  /** Call it after everything in the file was applied. @returns what is deleted, and what is kept and why */
  async prune(
    tx: Transaction,
    { scopes, groups, clients, users }: ConfigurationDocument,
    context: AuditContext,
  ): Promise<EntryChange[]> {
    return [
      ...(clients === undefined
        ? []
        : await this.#pruneClients(tx, new Set(clients.map((entry) => entry.client_id)), context)),
      ...(users === undefined
        ? []
        : await this.#pruneUsers(
            tx,
            new Set(users.map(({ username }) => canonicalUsername(username))),
            context,
          )),
      ...(groups === undefined
        ? []
        : await this.#pruneGroups(tx, new Set(groups.map(({ name }) => name)), context)),
      // Last, when the deleted clients and users no longer have them.
      ...(scopes === undefined
        ? []
        : await this.#pruneScopes(tx, new Set(scopes.map(({ name }) => name)), context)),
    ];
  }

  async #pruneClients(
    tx: Transaction,
    named: ReadonlySet<string>,
    context: AuditContext,
  ): Promise<EntryChange[]> {
    const changes: EntryChange[] = [];
    for (const { clientId, isAdministrator } of await this.clientRepository.listNames(tx)) {
      if (named.has(clientId)) continue;
      if (isAdministrator) {
        changes.push(keptEntry('client', clientId, KEPT_ADMINISTRATOR));
        continue;
      }
      const stored = await this.clientRepository.load(tx, clientId);
      if (stored === null) continue;
      await this.clients.remove(tx, stored, 'configuration', context);
      changes.push(deletedEntry('client', clientId));
    }
    return changes;
  }

  async #pruneUsers(
    tx: Transaction,
    named: ReadonlySet<string | null>,
    context: AuditContext,
  ): Promise<EntryChange[]> {
    const changes: EntryChange[] = [];
    for (const username of await this.userRepository.listNames(tx)) {
      const stored = named.has(username) ? null : await this.userRepository.loadByUsername(tx, username);
      if (stored === null) continue;
      await this.users.remove(tx, stored, 'configuration', context);
      changes.push(deletedEntry('user', username));
    }
    return changes;
  }

  async #pruneGroups(
    tx: Transaction,
    named: ReadonlySet<string>,
    context: AuditContext,
  ): Promise<EntryChange[]> {
    const changes: EntryChange[] = [];
    for (const { name } of await this.groupsService.list(tx)) {
      if (named.has(name)) continue;
      await this.groupsService.remove(tx, name, context);
      changes.push(deletedEntry('group', name));
    }
    return changes;
  }

  async #pruneScopes(
    tx: Transaction,
    named: ReadonlySet<string>,
    context: AuditContext,
  ): Promise<EntryChange[]> {
    const changes: EntryChange[] = [];
    for (const name of await this.scopes.listNames(tx)) {
      if (named.has(name) || isBuiltInScope(name)) continue;
      changes.push(await this.#pruneScope(tx, name, context));
    }
    return changes;
  }

  async #pruneScope(tx: Transaction, name: string, context: AuditContext): Promise<EntryChange> {
    try {
      await this.scopes.remove(tx, name, context);
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

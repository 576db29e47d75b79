import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@latchkey/platform/database';
import { toScannedPage, type Page } from '@latchkey/platform/http';
import type { ClientRegistration } from '../clients/client-fields.js';
import { registrationProblems } from '../clients/client-registration-rules.js';
import { ClientListRepository, type ClientFilter } from '../clients/client-list-repository.js';
import { ClientRepository } from '../clients/client-repository.js';
import type { NewClientSecret, StoredClient } from '../clients/client.js';
import { ClientsService, UnknownClientError } from '../clients/clients.service.js';
import { ScopesService } from '../scopes/scopes.service.js';
import { SubjectTakenError } from '../users/subject-names.js';
import { assertHoldsPowerOf, type Administrator } from './administrator.js';
import { assertUnchanged, entityTag } from './entity-tag.js';
import { Problem } from './problem.js';

const CLIENTS_SCOPE = 'admin:clients';

/** Operations of administrators on clients, one transaction each. */
@Injectable()
export class AdminClientsService {
  constructor(
    private readonly database: Database,
    private readonly repository: ClientRepository,
    private readonly listRepository: ClientListRepository,
    private readonly clients: ClientsService,
    private readonly scopes: ScopesService,
  ) {}

  async list(filter: ClientFilter, limit: number, after: string | null): Promise<Page<StoredClient>> {
    const examined = await this.listRepository.list(filter, limit + 1, after);
    return toScannedPage(examined, limit, ({ client }) => client.clientId);
  }

  /** @throws UnknownClientError */
  async find(clientId: string): Promise<StoredClient> {
    return (await this.listRepository.find(clientId)) ?? unknownClient(clientId);
  }

  /** @throws Problem, BearerError */
  create(
    registration: ClientRegistration,
    secret: NewClientSecret | null,
    enabled: boolean,
    administrator: Administrator,
  ): Promise<StoredClient> {
    return this.database.transaction(async (tx) => {
      assertHoldsPowerOf(administrator, registration.scope);
      await this.#assertValid(tx, registration);
      const secrets = secret === null ? [] : [secret];
      const disabledBy = enabled ? null : 'administrator';
      try {
        await this.clients.register(tx, registration, secrets, disabledBy, administrator.context);
      } catch (error) {
        if (error instanceof SubjectTakenError) throw Problem.conflict('client_id', error.problem);
        throw error;
      }
      return this.#load(tx, registration.clientId);
    }, 'administration');
  }

  /**
   * Loads a client that a request is going to change.
   *
   * @param ifMatch the version that the request changes
   * @throws UnknownClientError, Problem 412, BearerError when the client is more powerful than the administrator
   */
  async findToChange(clientId: string, ifMatch: string, administrator: Administrator): Promise<StoredClient> {
    const stored = await this.find(clientId);
    assertHoldsPowerOf(administrator, stored.registration.scope);
    assertUnchanged(ifMatch, { key: stored.client.key, version: stored.version });
    return stored;
  }

  /**
   * Replaces the registration of a client.
   *
   * @param before what was read, and what the new registration was made from
   * @throws UnknownClientError, BearerError; Problem 412 when the client has changed since it was read
   */
  replace(
    before: StoredClient,
    registration: ClientRegistration,
    administrator: Administrator,
  ): Promise<StoredClient> {
    const { clientId, key } = before.client;
    return this.database.transaction(async (tx) => {
      const stored = await this.lockToReplace(tx, clientId, administrator);
      assertUnchanged(entityTag({ key, version: before.version }), {
        key: stored.client.key,
        version: stored.version,
      });
      await this.replaceWithin(tx, stored, registration, administrator);
      return this.#load(tx, clientId);
    }, 'administration');
  }

  /** @throws UnknownClientError, BearerError */
  setEnabled(clientId: string, enabled: boolean, administrator: Administrator): Promise<StoredClient> {
    return this.database.transaction(async (tx) => {
      const stored = await this.lockAndLoad(tx, clientId, administrator);
      if (stored.disabledBy === (enabled ? null : 'administrator')) return stored;
      if (!enabled) await this.assertNotLast(tx, stored);
      await this.clients.setDisabled(tx, stored, enabled ? null : 'administrator', administrator.context);
      return this.#load(tx, clientId);
    }, 'administration');
  }

  /** @throws UnknownClientError, BearerError */
  delete(clientId: string, administrator: Administrator): Promise<void> {
    return this.database.transaction(async (tx) => {
      const stored = await this.lockAndLoad(tx, clientId, administrator);
      await this.assertNotLast(tx, stored);
      await this.clients.remove(tx, stored, 'administrator', administrator.context);
    }, 'administration');
  }

  /** Ends all authorizations of the client, whatever their number. @throws UnknownClientError, BearerError */
  endAuthorizations(clientId: string, administrator: Administrator): Promise<void> {
    return this.database.transaction(async (tx) => {
      const stored = await this.lockAndLoad(tx, clientId, administrator);
      await this.clients.endAuthorizations(tx, stored, administrator.context);
    }, 'administration');
  }

  /**
   * Loads the client and locks it against other administrators until the transaction commits.
   *
   * @throws UnknownClientError, BearerError when it is more powerful than the administrator
   */
  async lockAndLoad(tx: Transaction, clientId: string, administrator: Administrator): Promise<StoredClient> {
    await tx.lock(`client ${clientId}`);
    const stored = await this.#load(tx, clientId);
    assertHoldsPowerOf(administrator, stored.registration.scope);
    return stored;
  }

  /**
   * The same, for {@link AdminClientsService.replaceWithin}. It first waits for a configuration file that is being
   * applied, because it would otherwise undo what the file changes.
   *
   * @throws as {@link AdminClientsService.lockAndLoad}
   */
  async lockToReplace(
    tx: Transaction,
    clientId: string,
    administrator: Administrator,
  ): Promise<StoredClient> {
    await this.scopes.lock(tx);
    return this.lockAndLoad(tx, clientId, administrator);
  }

  /** Within a transaction: replaces the registration of a client. */
  async replaceWithin(
    tx: Transaction,
    stored: StoredClient,
    registration: ClientRegistration,
    administrator: Administrator,
  ): Promise<void> {
    assertHoldsPowerOf(administrator, stored.registration.scope, registration.scope);
    await this.#assertValid(tx, registration);
    if (!canAdministerClients(registration)) await this.assertNotLast(tx, stored);
    if (registration.clientType === 'confidential' && stored.client.secrets.length === 0) {
      throw Problem.invalid([
        { field: 'client_type', problem: 'a client without a secret cannot become confidential' },
      ]);
    }
    await this.clients.update(tx, stored, registration, administrator.context);
  }

  /**
   * Protects the last client that can administer clients: a new one could only be created on the server's own machine.
   *
   * @throws Problem when the client is the last one
   */
  async assertNotLast(tx: Transaction, { client, registration, disabledBy }: StoredClient): Promise<void> {
    if (disabledBy !== null || !canAdministerClients(registration)) return;
    // Without the lock, the last two could be removed at the same time.
    await tx.lock('administrators');
    if (!(await this.repository.anotherHasScope(tx, client.key, CLIENTS_SCOPE))) {
      throw new Problem(
        409,
        'conflict',
        `It is the last client that administers clients: give ${CLIENTS_SCOPE} to another one first`,
      );
    }
  }

  async #assertValid(tx: Transaction, registration: ClientRegistration): Promise<void> {
    const problems = registrationProblems(registration, new Set(await this.scopes.listNames(tx)));
    if (problems.length > 0) throw Problem.invalid(problems);
  }

  async #load(tx: Transaction, clientId: string): Promise<StoredClient> {
    return (await this.repository.load(tx, clientId)) ?? unknownClient(clientId);
  }
}

function canAdministerClients({ scope, grantTypes }: ClientRegistration): boolean {
  return scope.has(CLIENTS_SCOPE) && grantTypes.includes('client_credentials');
}

function unknownClient(clientId: string): never {
  throw new UnknownClientError(`There is no client ${clientId}`);
}

import { Injectable } from '@nestjs/common';
import { Database, toScannedPage, type Page, type Step } from '@latchkey/platform';
import { registrationProblems, type ClientRegistration } from '../../clients/client-registration.js';
import { ClientListRepository, type ClientFilter } from '../../clients/client-list-repository.js';
import {
  ClientRepository,
  type NewClientSecret,
  type StoredClient,
} from '../../clients/client-repository.js';
import { ClientsService, UnknownClientError } from '../../clients/clients.service.js';
import { ScopesService } from '../../scopes/scopes.service.js';
import { SubjectTakenError } from '../../subjects/subject-names.js';
import { assertNotMorePowerful, type Administrator } from '../common/administrator.js';
import { assertUnchanged } from '../common/entity-tag.js';
import { Problem } from '../common/problem.js';

const CLIENTS_SCOPE = 'admin:clients';

/** What administrators do to clients, each as one unit of work. */
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
    return this.database.write(
      () => this.#create(registration, secret, enabled, administrator),
      'administration',
    );
  }

  /**
   * Changes what is registered.
   *
   * @param change gets the registration as it is
   * @throws UnknownClientError, Problem, BearerError
   */
  change(
    clientId: string,
    ifMatch: string,
    change: (registration: ClientRegistration) => ClientRegistration,
    administrator: Administrator,
  ): Promise<StoredClient> {
    return this.database.write(
      () => this.#change(clientId, ifMatch, change, administrator),
      'administration',
    );
  }

  /** @throws UnknownClientError, BearerError */
  setEnabled(clientId: string, enabled: boolean, administrator: Administrator): Promise<StoredClient> {
    return this.database.write(() => this.#setEnabled(clientId, enabled, administrator), 'administration');
  }

  /** @throws UnknownClientError, BearerError */
  delete(clientId: string, administrator: Administrator): Promise<void> {
    return this.database.write(() => this.#delete(clientId, administrator), 'administration');
  }

  /** Ends all authorizations of the client, whatever their number. @throws UnknownClientError, BearerError */
  endAuthorizations(clientId: string, administrator: Administrator): Promise<void> {
    return this.database.write(() => this.#endAuthorizations(clientId, administrator), 'administration');
  }

  /**
   * The client, which no other unit of work of an administrator changes until this one commits.
   *
   * @throws UnknownClientError, BearerError when it is more powerful than the administrator
   */
  *lockAndLoad(clientId: string, administrator: Administrator): Step<StoredClient> {
    yield* this.database.lock(`client ${clientId}`);
    const stored = yield* this.#load(clientId);
    assertNotMorePowerful(administrator, stored.registration.scope);
    return stored;
  }

  /**
   * The same, for {@link AdminClientsService.replace}. It waits for a configuration file that is being applied before it
   * reads, or else it would undo what the file changes.
   *
   * @throws as {@link AdminClientsService.lockAndLoad}
   */
  *lockToReplace(clientId: string, administrator: Administrator): Step<StoredClient> {
    yield* this.scopes.lock();
    return yield* this.lockAndLoad(clientId, administrator);
  }

  /** Within a unit of work: registers something else about a client. */
  *replace(stored: StoredClient, registration: ClientRegistration, administrator: Administrator): Step<void> {
    assertNotMorePowerful(administrator, stored.registration.scope, registration.scope);
    yield* this.#assertValid(registration);
    if (!canAdministerClients(registration)) yield* this.assertNotLast(stored);
    if (registration.clientType === 'confidential' && stored.client.secrets.length === 0) {
      throw Problem.invalid([
        { field: 'client_type', problem: 'a client without a secret cannot become confidential' },
      ]);
    }
    yield* this.clients.update(stored, registration, administrator.context);
  }

  *#create(
    registration: ClientRegistration,
    secret: NewClientSecret | null,
    enabled: boolean,
    administrator: Administrator,
  ): Step<StoredClient> {
    assertNotMorePowerful(administrator, registration.scope);
    yield* this.#assertValid(registration);
    const secrets = secret === null ? [] : [secret];
    const disabledBy = enabled ? null : 'administrator';
    try {
      yield* this.clients.register(registration, secrets, disabledBy, administrator.context);
    } catch (error) {
      if (error instanceof SubjectTakenError) throw Problem.conflict('client_id', error.problem);
      throw error;
    }
    return yield* this.#load(registration.clientId);
  }

  *#change(
    clientId: string,
    ifMatch: string,
    change: (registration: ClientRegistration) => ClientRegistration,
    administrator: Administrator,
  ): Step<StoredClient> {
    const stored = yield* this.lockToReplace(clientId, administrator);
    assertUnchanged(ifMatch, { key: stored.client.key, version: stored.version });
    yield* this.replace(stored, change(stored.registration), administrator);
    return yield* this.#load(clientId);
  }

  *#setEnabled(clientId: string, enabled: boolean, administrator: Administrator): Step<StoredClient> {
    const stored = yield* this.lockAndLoad(clientId, administrator);
    if (stored.disabledBy === (enabled ? null : 'administrator')) return stored;
    if (!enabled) yield* this.assertNotLast(stored);
    yield* this.clients.setDisabled(stored, enabled ? null : 'administrator', administrator.context);
    return yield* this.#load(clientId);
  }

  *#delete(clientId: string, administrator: Administrator): Step<void> {
    const stored = yield* this.lockAndLoad(clientId, administrator);
    yield* this.assertNotLast(stored);
    yield* this.clients.remove(stored, 'administrator', administrator.context);
  }

  *#endAuthorizations(clientId: string, administrator: Administrator): Step<void> {
    const stored = yield* this.lockAndLoad(clientId, administrator);
    yield* this.clients.endAuthorizations(stored, administrator.context);
  }

  /**
   * The last client that administers clients stays: another one could only be made on the server's own machine.
   *
   * @throws Problem when the client is the last one
   */
  *assertNotLast({ client, registration, disabledBy }: StoredClient): Step<void> {
    if (disabledBy !== null || !canAdministerClients(registration)) return;
    // Two that are the last ones do not let each other go.
    yield* this.database.lock('administrators');
    if (!(yield* this.repository.anotherHasScope(client.key, CLIENTS_SCOPE))) {
      throw new Problem(
        409,
        'conflict',
        `It is the last client that administers clients: give ${CLIENTS_SCOPE} to another one first`,
      );
    }
  }

  *#assertValid(registration: ClientRegistration): Step<void> {
    const problems = registrationProblems(registration, new Set(yield* this.scopes.listNames()));
    if (problems.length > 0) throw Problem.invalid(problems);
  }

  *#load(clientId: string): Step<StoredClient> {
    return (yield* this.repository.load(clientId)) ?? unknownClient(clientId);
  }
}

function canAdministerClients({ scope, grantTypes }: ClientRegistration): boolean {
  return scope.has(CLIENTS_SCOPE) && grantTypes.includes('client_credentials');
}

function unknownClient(clientId: string): never {
  throw new UnknownClientError(`There is no client ${clientId}`);
}

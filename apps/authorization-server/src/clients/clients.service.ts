import { Injectable } from '@nestjs/common';
import { Database, type Step } from '@latchkey/platform';
import type { AuditContext, AuditDetail, AuditKind } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import { changesDetail } from '../audit/field-changes.js';
import { DeletedNames, type Authority } from '../subjects/deleted-names.js';
import { SubjectNames } from '../subjects/subject-names.js';
import { clientFields, type ClientRegistration } from './client-registration.js';
import {
  ClientRepository,
  type DisabledBy,
  type NewClientSecret,
  type StoredClient,
} from './client-repository.js';

/** There is no such client. */
export class UnknownClientError extends Error {
  override readonly name = 'UnknownClientError';
}

/** The life of a client. Whatever must end its tokens raises its epoch, in the transaction of the change. */
@Injectable()
export class ClientsService {
  constructor(
    private readonly database: Database,
    private readonly clients: ClientRepository,
    private readonly subjects: SubjectNames,
    private readonly deletedNames: DeletedNames,
    private readonly audit: AuditLog,
  ) {}

  /** @throws SubjectTakenError */
  *register(
    registration: ClientRegistration,
    secrets: readonly NewClientSecret[],
    disabledBy: DisabledBy | null,
    context: AuditContext,
  ): Step<void> {
    yield* this.subjects.claimClientId(registration.clientId);
    const { key } = yield* this.clients.insert(registration, disabledBy);
    for (const secret of secrets) yield* this.clients.addSecret(key, secret);
    const created = { ...clientFields(registration), enabled: disabledBy === null };
    yield* this.#record('client_created', registration.clientId, context, changesDetail({}, created));
  }

  /** Replaces the registration. Tokens from a grant that is taken away, or of another client type, end at once. */
  *update(stored: StoredClient, registration: ClientRegistration, context: AuditContext): Step<void> {
    const { key, clientId, clientType, grantTypes } = stored.client;
    yield* this.clients.replace(key, registration);
    // Should it become confidential again, an old secret must not come back to life.
    if (registration.clientType === 'public') yield* this.clients.removeSecrets(key);
    const grantRemoved = [...grantTypes].some((grantType) => !registration.grantTypes.includes(grantType));
    if (grantRemoved || registration.clientType !== clientType) yield* this.clients.raiseEpoch(key);
    const changes = changesDetail(clientFields(stored.registration), clientFields(registration));
    yield* this.#record('client_updated', clientId, context, changes);
  }

  /** Replaces all secrets, and ends what was issued to whoever holds the old ones. */
  *replaceSecrets(
    stored: StoredClient,
    secrets: readonly NewClientSecret[],
    context: AuditContext,
  ): Step<void> {
    const { key, clientId } = stored.client;
    yield* this.clients.removeSecrets(key);
    for (const secret of secrets) yield* this.clients.addSecret(key, secret);
    yield* this.clients.raiseEpoch(key);
    yield* this.#record('client_secret_replaced', clientId, context, { secrets: secrets.length });
  }

  /**
   * Adds a secret beside those that there are.
   *
   * @param expireOthersAt when the others end at the latest, in milliseconds since the epoch; `null` leaves them alone
   * @returns its id
   */
  *addSecret(
    { client: { key, clientId } }: StoredClient,
    secret: NewClientSecret,
    expireOthersAt: number | null,
    context: AuditContext,
  ): Step<string> {
    if (expireOthersAt !== null) yield* this.clients.expireSecrets(key, expireOthersAt);
    const id = yield* this.clients.addSecret(key, secret);
    yield* this.#record('client_secret_added', clientId, context, {
      secret_id: id,
      expires_at: secret.expiresAt === null ? null : new Date(secret.expiresAt).toISOString(),
      ...(expireOthersAt !== null && { expire_others_at: new Date(expireOthersAt).toISOString() }),
    });
    return id;
  }

  /**
   * Removes one secret, and ends what was issued to the client: whoever held the secret may have it.
   *
   * @returns false when there is no such secret
   */
  *removeSecret(
    { client: { key, clientId } }: StoredClient,
    id: string,
    context: AuditContext,
  ): Step<boolean> {
    if (!(yield* this.clients.removeSecret(key, id))) return false;
    yield* this.clients.raiseEpoch(key);
    yield* this.#record('client_secret_removed', clientId, context, { secret_id: id });
    return true;
  }

  /** Disabling ends all tokens of the client for good; enabling does not revive them. */
  *setDisabled(stored: StoredClient, disabledBy: DisabledBy | null, context: AuditContext): Step<void> {
    const { key, clientId } = stored.client;
    yield* this.clients.setDisabled(key, disabledBy);
    if (disabledBy !== null) yield* this.clients.raiseEpoch(key);
    yield* this.#record(disabledBy === null ? 'client_enabled' : 'client_disabled', clientId, context);
  }

  /** Ends all tokens of the client for good. */
  *remove({ client, registration }: StoredClient, deletedBy: Authority, context: AuditContext): Step<void> {
    yield* this.clients.delete(client.key);
    yield* this.deletedNames.add('client', client.clientId, deletedBy);
    const changes = changesDetail(clientFields(registration), {});
    yield* this.#record('client_deleted', client.clientId, context, changes);
  }

  /** @throws UnknownClientError */
  disable(clientId: string, context: AuditContext): Promise<void> {
    return this.#change(clientId, (stored) => this.setDisabled(stored, 'administrator', context));
  }

  /** @throws UnknownClientError */
  enable(clientId: string, context: AuditContext): Promise<void> {
    return this.#change(clientId, (stored) => this.setDisabled(stored, null, context));
  }

  /** @throws UnknownClientError */
  delete(clientId: string, context: AuditContext): Promise<void> {
    return this.#change(clientId, (stored) => this.remove(stored, 'administrator', context));
  }

  /** Ends all tokens of the client for good, whatever their number. */
  *endAuthorizations({ client: { key, clientId } }: StoredClient, context: AuditContext): Step<void> {
    yield* this.clients.raiseEpoch(key);
    yield* this.#record('client_authorizations_revoked', clientId, context);
  }

  #change(clientId: string, change: (stored: StoredClient) => Step<void>): Promise<void> {
    return this.database.write(() => this.#loadAnd(clientId, change), 'administration');
  }

  *#loadAnd(clientId: string, change: (stored: StoredClient) => Step<void>): Step<void> {
    const stored = yield* this.clients.load(clientId);
    if (stored === null) throw new UnknownClientError(`There is no client ${clientId}`);
    yield* change(stored);
  }

  #record(kind: AuditKind, clientId: string, context: AuditContext, detail: AuditDetail = {}): Step<void> {
    return this.audit.record({ ...context, kind, outcome: 'success', clientId, detail });
  }
}

import { Injectable } from '@nestjs/common';
import type { Transaction } from '@latchkey/platform/database';
import type { AuditContext, AuditDetail, AuditKind } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import { changesDetail } from '../audit/field-changes.js';
import { type Authority, DeletedNames } from '../users/deleted-names.js';
import { SubjectNames } from '../users/subject-names.js';
import type { ClientRegistration } from './client-fields.js';
import { clientFields } from './client-registration-rules.js';
import { ClientRepository } from './client-repository.js';
import type { NewClientSecret, StoredClient } from './client.js';

/** There is no such client. */
export class UnknownClientError extends Error {
  override readonly name = 'UnknownClientError';
}

/** Creates, changes and deletes clients. What must end a client's tokens raises its epoch in the same transaction. */
@Injectable()
export class ClientsService {
  constructor(
    private readonly clients: ClientRepository,
    private readonly subjects: SubjectNames,
    private readonly deletedNames: DeletedNames,
    private readonly audit: AuditLog,
  ) {}

  /** @throws SubjectTakenError */
  async register(
    tx: Transaction,
    registration: ClientRegistration,
    secrets: readonly NewClientSecret[],
    disabledBy: Authority | null,
    context: AuditContext,
  ): Promise<void> {
    await this.subjects.claimClientId(tx, registration.clientId);
    const { key } = await this.clients.insert(tx, registration, disabledBy);
    for (const secret of secrets) await this.clients.addSecret(tx, key, secret);
    const created = { ...clientFields(registration), enabled: disabledBy === null };
    await this.#record(tx, 'client_created', registration.clientId, context, changesDetail({}, created));
  }

  /** Replaces the registration. Removing a grant, or changing the client type, ends all tokens at once. */
  async update(
    tx: Transaction,
    stored: StoredClient,
    registration: ClientRegistration,
    context: AuditContext,
  ): Promise<void> {
    const { key, clientId, clientType, grantTypes } = stored.client;
    await this.clients.replace(tx, key, registration);
    // Otherwise an old secret would become valid again if the client becomes confidential again.
    if (registration.clientType === 'public') await this.clients.removeSecrets(tx, key);
    const grantRemoved = [...grantTypes].some((grantType) => !registration.grantTypes.includes(grantType));
    if (grantRemoved || registration.clientType !== clientType) await this.clients.raiseEpoch(tx, key);
    const changes = changesDetail(clientFields(stored.registration), clientFields(registration));
    await this.#record(tx, 'client_updated', clientId, context, changes);
  }

  /** Replaces all secrets, and ends the authorizations of the client, because others may know the old secrets. */
  async replaceSecrets(
    tx: Transaction,
    stored: StoredClient,
    secrets: readonly NewClientSecret[],
    context: AuditContext,
  ): Promise<void> {
    const { key, clientId } = stored.client;
    await this.clients.removeSecrets(tx, key);
    for (const secret of secrets) await this.clients.addSecret(tx, key, secret);
    await this.clients.raiseEpoch(tx, key);
    await this.#record(tx, 'client_secret_replaced', clientId, context, { secrets: secrets.length });
  }

  /**
   * Adds a secret beside the existing ones.
   *
   * @param expireOthersAt when the others expire at the latest, in milliseconds since the epoch; `null` does not change
   *   them
   * @returns its id
   */
  async addSecret(
    tx: Transaction,
    { client: { key, clientId } }: StoredClient,
    secret: NewClientSecret,
    expireOthersAt: number | null,
    context: AuditContext,
  ): Promise<string> {
    if (expireOthersAt !== null) await this.clients.expireSecrets(tx, key, expireOthersAt);
    const id = await this.clients.addSecret(tx, key, secret);
    await this.#record(tx, 'client_secret_added', clientId, context, {
      secret_id: id,
      expires_at: secret.expiresAt === null ? null : new Date(secret.expiresAt).toISOString(),
      ...(expireOthersAt !== null && { expire_others_at: new Date(expireOthersAt).toISOString() }),
    });
    return id;
  }

  /**
   * Removes one secret, and ends the authorizations of the client, because others may know the secret.
   *
   * @returns false when there is no such secret
   */
  async removeSecret(
    tx: Transaction,
    { client: { key, clientId } }: StoredClient,
    id: string,
    context: AuditContext,
  ): Promise<boolean> {
    if (!(await this.clients.removeSecret(tx, key, id))) return false;
    await this.clients.raiseEpoch(tx, key);
    await this.#record(tx, 'client_secret_removed', clientId, context, { secret_id: id });
    return true;
  }

  /** Disabling ends all tokens of the client for good; enabling does not revive them. */
  async setDisabled(
    tx: Transaction,
    stored: StoredClient,
    disabledBy: Authority | null,
    context: AuditContext,
  ): Promise<void> {
    const { key, clientId } = stored.client;
    await this.clients.setDisabled(tx, key, disabledBy);
    if (disabledBy !== null) await this.clients.raiseEpoch(tx, key);
    await this.#record(tx, disabledBy === null ? 'client_enabled' : 'client_disabled', clientId, context);
  }

  /** Ends all tokens of the client for good. */
  async remove(
    tx: Transaction,
    { client, registration }: StoredClient,
    deletedBy: Authority,
    context: AuditContext,
  ): Promise<void> {
    await this.clients.delete(tx, client.key);
    await this.deletedNames.add(tx, 'client', client.clientId, deletedBy);
    const changes = changesDetail(clientFields(registration), {});
    await this.#record(tx, 'client_deleted', client.clientId, context, changes);
  }

  /** Ends all tokens of the client for good, whatever their number. */
  async endAuthorizations(
    tx: Transaction,
    { client: { key, clientId } }: StoredClient,
    context: AuditContext,
  ): Promise<void> {
    await this.clients.raiseEpoch(tx, key);
    await this.#record(tx, 'client_authorizations_revoked', clientId, context);
  }

  #record(
    tx: Transaction,
    kind: AuditKind,
    clientId: string,
    context: AuditContext,
    detail: AuditDetail = {},
  ): Promise<void> {
    return this.audit.record(tx, { ...context, kind, outcome: 'success', clientId, detail });
  }
}

import { Inject, Injectable } from '@nestjs/common';
import type { Transaction } from '@latchkey/platform/database';
import { secretWeakness } from '@latchkey/platform/environment';
import type { AuditContext } from '../audit/audit-event.js';
import { fieldChanges, type FieldChange } from '../audit/field-changes.js';
import { clientFields, registrationProblems } from '../clients/client-registration-rules.js';
import { ClientRepository } from '../clients/client-repository.js';
import { ClientsService } from '../clients/clients.service.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { DeletedNames } from '../users/deleted-names.js';
import { SubjectTakenError } from '../users/subject-names.js';
import { disabledByFile, enableAsFileSays, KEEP_DELETED } from './configuration-change.js';
import { secretsOf, toRegistration, writtenClientFields } from './entries.js';
import { createdEntry, existingEntry, keptEntry, type EntryOutcome } from './configuration-change.js';
import type { ClientEntry } from './configuration-document.js';
import type { StoredClient } from '../clients/client.js';

const SECRET_KEYS = ['client_secret', 'client_secret_hash', 'client_secrets'] as const;

const SECRET_CHANGE: FieldChange = { field: 'client_secret', secret: true };

/** Creates or updates the clients of a configuration file. */
@Injectable()
export class ClientProvisioner {
  constructor(
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
    private readonly repository: ClientRepository,
    private readonly clients: ClientsService,
    private readonly deletedNames: DeletedNames,
  ) {}

  /** @param scopes the names of the existing scopes */
  async apply(
    tx: Transaction,
    entry: ClientEntry,
    scopes: ReadonlySet<string>,
    context: AuditContext,
  ): Promise<EntryOutcome> {
    const stored = await this.repository.load(tx, entry.client_id);
    if (
      stored === null &&
      (await this.deletedNames.isDeletedByAdministrator(tx, 'client', entry.client_id))
    ) {
      return { change: keptEntry('client', entry.client_id, KEEP_DELETED) };
    }
    // New, or public until now. If a confidential client has no secret, an administrator has deleted the secret.
    const needsSecret = stored === null || stored.client.clientType === 'public';
    const problems = [
      ...registrationProblems(toRegistration(entry), scopes).map(
        ({ field, problem }) => `${field}: ${problem}`,
      ),
      ...this.#secretProblems(entry, needsSecret),
    ];
    if (problems.length > 0) return { problems };
    if (stored === null) return this.#create(tx, entry, context);
    return this.#update(tx, entry, stored, needsSecret || entry.reset === true, context);
  }

  async #create(tx: Transaction, entry: ClientEntry, context: AuditContext): Promise<EntryOutcome> {
    const registration = toRegistration(entry);
    const secrets = secretsOf(entry);
    try {
      await this.clients.register(tx, registration, secrets, disabledByFile(entry.enabled), context);
    } catch (error) {
      if (error instanceof SubjectTakenError) return { problems: [`client_id: ${error.message}`] };
      throw error;
    }
    const fields = fieldChanges({}, writtenClientFields(registration, entry.enabled !== false));
    if (secrets.length > 0) fields.push(SECRET_CHANGE);
    return { change: createdEntry('client', entry.client_id, fields) };
  }

  async #update(
    tx: Transaction,
    entry: ClientEntry,
    stored: StoredClient,
    replacesSecrets: boolean,
    context: AuditContext,
  ): Promise<EntryOutcome> {
    const registration = toRegistration(entry);
    const fields = fieldChanges(clientFields(stored.registration), clientFields(registration));
    if (fields.length > 0) await this.clients.update(tx, stored, registration, context);
    const secrets = secretsOf(entry);
    if (replacesSecrets && secrets.length > 0) {
      await this.clients.replaceSecrets(tx, stored, secrets, context);
      fields.push(SECRET_CHANGE);
    }
    const enabled = await enableAsFileSays(stored.disabledBy, entry.enabled, (disabledBy) =>
      this.clients.setDisabled(tx, stored, disabledBy, context),
    );
    return {
      change: existingEntry('client', entry.client_id, [...fields, ...enabled.fields], enabled.note),
    };
  }

  #secretProblems(entry: ClientEntry, needed: boolean): string[] {
    const { client_secret: secret, client_type: type = 'confidential' } = entry;
    const [given, another] = SECRET_KEYS.filter((key) => entry[key] !== undefined);
    if (another !== undefined) return [`${given}: cannot be combined with ${another}`];
    if (type === 'public') return given === undefined ? [] : [`${given}: a public client has none`];
    if (needed && given === undefined) return ['client_secret: is required'];
    const weakness = secret === undefined || !this.config.production ? null : secretWeakness(secret);
    return weakness === null ? [] : [`client_secret: ${weakness}`];
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { Database, runDry, type Reader, type Transaction } from '@latchkey/platform/database';
import { secretEncodingWarning } from '@latchkey/platform/environment';
import type { Logger } from 'pino';
import type { AuditContext } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import { LOGGER } from '../config/config.token.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import { SettingRepository } from '../database/settings.js';
import type { EntryChange } from './configuration-change.js';
import type { ConfigurationFile } from './parse-configuration.js';
import { DocumentProvisioner, type PreparedDocument, type ReportProgress } from './document-provisioner.js';
import { ParsedConfiguration } from './parse-configuration.js';

const DIGEST = 'configuration_digest';

const CONTEXT: AuditContext = { actor: 'configuration', address: null, requestId: null };

/** The entries to delete are not those that the caller has confirmed. */
export class PruningChangedError extends Error {
  override readonly name = 'PruningChangedError';
}

export interface ApplyOptions {
  /** Report what would change, and change nothing. */
  readonly dryRun?: boolean;
  /** Apply the file even if it is the one that was applied last, to undo changes made since. */
  readonly again?: boolean;
  /** Delete what the file does not name, even if the file was applied before. */
  readonly prune?: boolean;
  /** The changes that the caller has confirmed; if other entries would be deleted, nothing is applied. */
  readonly agreed?: readonly EntryChange[];
  readonly onProgress?: ReportProgress;
}

/** Applies a configuration file to the database: all of it or nothing, and nothing when it is the same as last time. */
@Injectable()
export class ConfigurationApplier {
  constructor(
    private readonly database: Database,
    private readonly settings: SettingRepository,
    private readonly provisioner: DocumentProvisioner,
    private readonly audit: AuditLog,
    private readonly keys: DataKeysService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * @returns the outcome of each entry; `null` when the file is the one that was applied last
   * @throws ConfigurationError naming everything that is wrong with the file
   * @throws PruningChangedError
   */
  async apply(file: ConfigurationFile, options: ApplyOptions = {}): Promise<readonly EntryChange[] | null> {
    // Keyed, because the file holds passwords and a plain digest would let a reader of the database test guesses.
    const digest = this.keys.digest('configuration file', file.text);
    if (await this.#isDone(this.database.reader('background'), digest, options)) return null;
    const parsed = new ParsedConfiguration(file.text, file.source);
    const prepared = await this.provisioner.prepare(parsed, options.onProgress);
    const work = (tx: Transaction) => this.#apply(tx, prepared, digest, options);
    const changes = await (options.dryRun === true
      ? runDry(this.database, work, 'background')
      : this.database.transaction(work, 'background'));
    for (const { client_id: clientId, client_secret: secret } of prepared.parsed.document.clients ?? []) {
      const warning = secret === undefined ? null : secretEncodingWarning(secret);
      if (warning !== null) this.logger.warn(`The client_secret of ${clientId} ${warning}`);
    }
    return changes;
  }

  async #isDone(
    reader: Reader,
    digest: string,
    { again = false, prune = false }: ApplyOptions,
  ): Promise<boolean> {
    return !again && !prune && (await this.settings.find(reader, DIGEST)) === digest;
  }

  async #apply(
    tx: Transaction,
    prepared: PreparedDocument,
    digest: string,
    options: ApplyOptions,
  ): Promise<EntryChange[] | null> {
    const { prune = false, agreed } = options;
    // Replicas that start together take turns; the first one applies the file, and the others find it applied.
    await tx.lock('configuration');
    if (await this.#isDone(tx, digest, options)) return null;
    const changes = await this.provisioner.apply(tx, prepared, prune, CONTEXT, options.onProgress);
    if (agreed !== undefined && deletionsIn(changes) !== deletionsIn(agreed)) {
      throw new PruningChangedError('What would be deleted has changed meanwhile');
    }
    await this.settings.set(tx, DIGEST, digest);
    await this.audit.record(tx, { ...CONTEXT, kind: 'configuration_applied', outcome: 'success' });
    return changes;
  }
}

function deletionsIn(changes: readonly EntryChange[]): string {
  const deletions = changes.filter(({ action }) => action === 'delete');
  return JSON.stringify(deletions.map(({ kind, name }) => [kind, name]));
}

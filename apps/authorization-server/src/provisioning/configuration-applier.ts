import { readFile } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { ConfigurationError, Database, type Step } from '@latchkey/platform';
import type { AuditContext } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import { SettingRepository } from '../database/setting-repository.js';
import { isReservedScope } from '../scopes/reserved-scope.js';
import { ScopesService } from '../scopes/scopes.service.js';
import { ClientProvisioner } from './client-provisioner.js';
import type { ConfigurationDocument } from './configuration-document.js';
import { parseConfiguration } from './parse-configuration.js';
import { UserProvisioner } from './user-provisioner.js';

const DIGEST = 'configuration_digest';

const CONTEXT: AuditContext = { actor: 'configuration', address: null, requestId: null };

/** Applies a configuration file to the database: all of it or nothing, and nothing when it is the same as last time. */
@Injectable()
export class ConfigurationApplier {
  constructor(
    private readonly database: Database,
    private readonly settings: SettingRepository,
    private readonly scopes: ScopesService,
    private readonly clients: ClientProvisioner,
    private readonly users: UserProvisioner,
    private readonly audit: AuditLog,
    private readonly keys: DataKeysService,
  ) {}

  /**
   * @returns whether anything was applied
   * @throws ConfigurationError naming everything that is wrong with the file
   */
  async apply(path: string): Promise<boolean> {
    const text = await readText(path);
    // Keyed, because the file holds passwords and a plain digest would let a reader of the database test guesses.
    const digest = this.keys.digest('configuration file', text);
    if (await this.database.write(() => this.#isApplied(digest))) return false;
    const document = parseConfiguration(text, path);
    const passwordHashes = await this.#hashPasswords(document);
    return this.database.write(() => this.#apply(document, passwordHashes, digest, path));
  }

  /** Hashing is slow and cannot happen inside the unit of work. One at a time, to stay within the hash queue. */
  async #hashPasswords({ users = [] }: ConfigurationDocument): Promise<(string | null)[]> {
    const hashes: (string | null)[] = [];
    for (const entry of users) {
      const needed = await this.database.write(() => this.users.needsPassword(entry));
      hashes.push(needed ? await this.users.passwordHash(entry) : null);
    }
    return hashes;
  }

  *#isApplied(digest: string): Step<boolean> {
    return (yield* this.settings.find(DIGEST)) === digest;
  }

  *#apply(
    { scopes = [], clients = [], users = [] }: ConfigurationDocument,
    passwordHashes: readonly (string | null)[],
    digest: string,
    source: string,
  ): Step<boolean> {
    // Replicas that start together take turns; the others find it done.
    yield* this.database.lock('configuration');
    if (yield* this.#isApplied(digest)) return false;

    const problems: string[] = [];
    scopes.forEach(({ name }, index) => {
      if (isReservedScope(name)) problems.push(`scopes[${index}].name: administrative scopes are built in`);
    });
    const wanted = scopes.map(({ name, description = '' }) => ({ name, description }));
    const known = yield* this.scopes.ensure(wanted, CONTEXT);
    for (const [index, entry] of clients.entries()) {
      const found = yield* this.clients.apply(entry, known, CONTEXT);
      problems.push(...found.map((problem) => `clients[${index}].${problem}`));
    }
    for (const [index, entry] of users.entries()) {
      const found = yield* this.users.apply(entry, passwordHashes[index] ?? null, known, CONTEXT);
      problems.push(...found.map((problem) => `users[${index}].${problem}`));
    }
    if (problems.length > 0) throw new ConfigurationError(source, problems);

    yield* this.settings.set(DIGEST, digest);
    yield* this.audit.record({ ...CONTEXT, kind: 'configuration_applied', outcome: 'success' });
    return true;
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ConfigurationError(path, [
      `it cannot be read (${(error as { code?: string }).code ?? 'unknown'})`,
    ]);
  }
}

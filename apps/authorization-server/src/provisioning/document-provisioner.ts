import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@latchkey/platform/database';
import type { AuditContext } from '../audit/audit-event.js';
import { ClientProvisioner } from './client-provisioner.js';
import type { EntryChange, EntryOutcome } from './configuration-change.js';
import type { UserEntry } from './configuration-document.js';
import type { Path } from './configuration-text.js';
import type { InvalidValue } from './invalid-values.js';
import { GroupProvisioner } from './group-provisioner.js';
import type { ParsedConfiguration } from './parse-configuration.js';
import { Pruner } from './pruner.js';
import { ScopeProvisioner } from './scope-provisioner.js';
import { UserProvisioner, type PreparedPassword } from './user-provisioner.js';

/** A document with the results of all work that takes too long for a transaction. */
export interface PreparedDocument {
  readonly parsed: ParsedConfiguration;
  /** For each user whose password will be used. */
  readonly passwords: ReadonlyMap<UserEntry, PreparedPassword>;
}

/** Reports the progress on a long file. When a transaction is retried, the count starts again. */
export type ReportProgress = (step: 'prepared' | 'compared', done: number, total: number) => void;

/** Applies a configuration document to an installation. */
@Injectable()
export class DocumentProvisioner {
  constructor(
    private readonly database: Database,
    private readonly scopes: ScopeProvisioner,
    private readonly groups: GroupProvisioner,
    private readonly clients: ClientProvisioner,
    private readonly users: UserProvisioner,
    private readonly pruner: Pruner,
  ) {}

  /** Hashes passwords one at a time, to stay within the hash queue. */
  async prepare(parsed: ParsedConfiguration, onProgress?: ReportProgress): Promise<PreparedDocument> {
    const users = parsed.entries('users');
    const entries = users.map(([, entry]) => entry);
    const used = await this.users.withUsedPassword(this.database.reader('background'), entries);
    const passwords = new Map<UserEntry, PreparedPassword>();
    for (const [index, entry] of users) {
      if (used.has(entry)) passwords.set(entry, await this.users.prepare(entry, !parsed.isWhole));
      onProgress?.('prepared', index + 1, users.length);
    }
    return { parsed, passwords };
  }

  /**
   * @param prune delete what the document does not name
   * @throws ConfigurationError naming everything that is wrong; the caller must then roll the transaction back
   */
  async apply(
    tx: Transaction,
    prepared: PreparedDocument,
    prune: boolean,
    context: AuditContext,
    onProgress?: ReportProgress,
  ): Promise<EntryChange[]> {
    const { parsed, passwords } = prepared;
    if (!parsed.hasKnownScopes) throw parsed.refusal();
    const results = new Results();
    const scopes = parsed.entries('scopes');
    const { names: existing, outcomes } = await this.scopes.apply(
      tx,
      scopes.map(([, entry]) => entry),
      context,
    );
    outcomes.forEach((outcome, order) => results.add(['scopes', scopes[order]?.[0] ?? 0], outcome));
    const groups = parsed.entries('groups');
    const entries = groups.map(([, entry]) => entry);
    for (const [order, outcome] of (await this.groups.apply(tx, entries, context)).entries()) {
      results.add(['groups', groups[order]?.[0] ?? 0], outcome);
    }
    const names = new Set([...existing, ...parsed.scopeNames()]);
    for (const [index, entry] of parsed.entries('clients')) {
      results.add(['clients', index], await this.clients.apply(tx, entry, names, context));
    }
    const users = parsed.entries('users');
    const applied = await this.users.apply(
      tx,
      users.map(([, entry]) => entry),
      passwords,
      names,
      context,
      (done) => onProgress?.('compared', done, users.length),
    );
    applied.forEach((outcome, order) => results.add(['users', users[order]?.[0] ?? 0], outcome));
    if (!parsed.isWhole || results.problems.length > 0) throw parsed.refusal(results.problems);
    const pruned = prune ? await this.pruner.prune(tx, parsed.document, context) : [];
    return [...results.changes, ...pruned];
  }
}

class Results {
  readonly changes: EntryChange[] = [];
  readonly problems: InvalidValue[] = [];

  add(place: Path, outcome: EntryOutcome): void {
    if ('change' in outcome) {
      this.changes.push(outcome.change);
      return;
    }
    for (const problem of outcome.problems) {
      const [, key = '', text = problem] = /^(\w+): (.*)$/s.exec(problem) ?? [];
      this.problems.push({ path: [...place, key], text });
    }
  }
}

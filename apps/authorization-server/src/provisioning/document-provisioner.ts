import { Injectable } from '@nestjs/common';
import { ConfigurationError, Database, type Step } from '@latchkey/platform';
import type { AuditContext } from '../audit/audit-event.js';
import { ClientProvisioner } from './client-provisioner.js';
import type { EntryChange, EntryOutcome } from './configuration-change.js';
import type { ConfigurationDocument } from './configuration-document.js';
import { Pruner } from './pruner.js';
import { ScopeProvisioner } from './scope-provisioner.js';
import { UserProvisioner } from './user-provisioner.js';

/** A document with all that takes longer than a unit of work may. */
export interface PreparedDocument {
  readonly document: ConfigurationDocument;
  /** What to call it in messages. */
  readonly source: string;
  /** Of each user whose password will be used; `null` for the others. */
  readonly passwordHashes: readonly (string | null)[];
}

/** Brings an installation to what the document of a configuration file says. */
@Injectable()
export class DocumentProvisioner {
  constructor(
    private readonly database: Database,
    private readonly scopes: ScopeProvisioner,
    private readonly clients: ClientProvisioner,
    private readonly users: UserProvisioner,
    private readonly pruner: Pruner,
  ) {}

  /** Hashes passwords, one at a time, to stay within the hash queue. */
  async prepare(document: ConfigurationDocument, source: string): Promise<PreparedDocument> {
    const { users = [] } = document;
    const needed = await this.database.write(() => this.users.withUsedPassword(users));
    const passwordHashes: (string | null)[] = [];
    for (const entry of users) {
      passwordHashes.push(needed.has(entry) ? await this.users.passwordHash(entry) : null);
    }
    return { document, source, passwordHashes };
  }

  /**
   * @param prune delete what the document does not name
   * @throws ConfigurationError naming everything that is wrong; then abandon the unit of work
   */
  *apply(prepared: PreparedDocument, prune: boolean, context: AuditContext): Step<EntryChange[]> {
    const { document, source, passwordHashes } = prepared;
    const results = new Results();
    const { names, outcomes } = yield* this.scopes.apply(document.scopes ?? [], context);
    outcomes.forEach((outcome, index) => results.add(`scopes[${index}]`, outcome));
    for (const [index, entry] of (document.clients ?? []).entries()) {
      results.add(`clients[${index}]`, yield* this.clients.apply(entry, names, context));
    }
    for (const [index, entry] of (document.users ?? []).entries()) {
      const passwordHash = passwordHashes[index] ?? null;
      results.add(`users[${index}]`, yield* this.users.apply(entry, passwordHash, names, context));
    }
    if (results.problems.length > 0) throw new ConfigurationError(source, results.problems);
    return prune ? [...results.changes, ...(yield* this.pruner.prune(document, context))] : results.changes;
  }
}

class Results {
  readonly changes: EntryChange[] = [];
  readonly problems: string[] = [];

  add(place: string, outcome: EntryOutcome): void {
    if ('change' in outcome) this.changes.push(outcome.change);
    else this.problems.push(...outcome.problems.map((problem) => `${place}.${problem}`));
  }
}

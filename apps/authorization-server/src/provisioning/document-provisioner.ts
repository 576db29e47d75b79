import { Injectable } from '@nestjs/common';
import { Database, type Step } from '@latchkey/platform';
import type { AuditContext } from '../audit/audit-event.js';
import { ClientProvisioner } from './client-provisioner.js';
import type { EntryChange, EntryOutcome } from './configuration-change.js';
import type { Path } from './configuration-text.js';
import type { InvalidValue } from './invalid-values.js';
import type { ParsedConfiguration } from './parse-configuration.js';
import { Pruner } from './pruner.js';
import { ScopeProvisioner } from './scope-provisioner.js';
import { UserProvisioner } from './user-provisioner.js';

/** A file with all that takes longer than a unit of work may. */
export interface PreparedDocument {
  readonly parsed: ParsedConfiguration;
  /** By the index of each user whose password will be used. */
  readonly passwordHashes: ReadonlyMap<number, string | null>;
}

/** Stands for the hash of a password in a file that is refused anyway, so that nothing is computed for it. */
const NO_HASH = `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;

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
  async prepare(parsed: ParsedConfiguration): Promise<PreparedDocument> {
    const users = parsed.entries('users');
    const passwordHashes = new Map<number, string | null>();
    if (!parsed.isWhole) {
      for (const [index, { password, password_hash: hash }] of users) {
        passwordHashes.set(index, hash ?? (password === undefined ? null : NO_HASH));
      }
      return { parsed, passwordHashes };
    }
    const entries = users.map(([, entry]) => entry);
    const needed = await this.database.write(() => this.users.withUsedPassword(entries));
    for (const [index, entry] of users) {
      if (needed.has(entry)) passwordHashes.set(index, await this.users.passwordHash(entry));
    }
    return { parsed, passwordHashes };
  }

  /**
   * @param prune delete what the document does not name
   * @throws ConfigurationError naming everything that is wrong; then abandon the unit of work
   */
  *apply(prepared: PreparedDocument, prune: boolean, context: AuditContext): Step<EntryChange[]> {
    const { parsed, passwordHashes } = prepared;
    if (!parsed.hasKnownScopes) throw parsed.refusal();
    const results = new Results();
    const scopes = parsed.entries('scopes');
    const { names: existing, outcomes } = yield* this.scopes.apply(
      scopes.map(([, entry]) => entry),
      context,
    );
    outcomes.forEach((outcome, order) => results.add(['scopes', scopes[order]?.[0] ?? 0], outcome));
    const names = new Set([...existing, ...parsed.names('scopes')]);
    for (const [index, entry] of parsed.entries('clients')) {
      results.add(['clients', index], yield* this.clients.apply(entry, names, context));
    }
    for (const [index, entry] of parsed.entries('users')) {
      const passwordHash = passwordHashes.get(index) ?? null;
      results.add(['users', index], yield* this.users.apply(entry, passwordHash, names, context));
    }
    if (!parsed.isWhole || results.problems.length > 0) throw parsed.refusal(results.problems);
    const pruned = prune ? yield* this.pruner.prune(parsed.document, context) : [];
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

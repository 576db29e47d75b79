import { Injectable } from '@nestjs/common';
import { Database, runDry, type Transaction } from '@latchkey/platform/database';
import type { FieldProblem } from '../clients/client-registration-rules.js';
import { ClientRepository } from '../clients/client-repository.js';
import { toRegistration } from '../provisioning/entries.js';
import { ClientProvisioner } from '../provisioning/client-provisioner.js';
import type { EntryChange, EntryOutcome } from '../provisioning/configuration-change.js';
import type {
  ClientEntry,
  GroupEntry,
  ScopeEntry,
  UserEntry,
} from '../provisioning/configuration-document.js';
import { GroupProvisioner } from '../provisioning/group-provisioner.js';
import { ScopeProvisioner } from '../provisioning/scope-provisioner.js';
import { UserProvisioner, type PreparedPassword } from '../provisioning/user-provisioner.js';
import { assertHoldsPowerOf, type Administrator } from './administrator.js';
import { Problem } from './problem.js';

interface ApplyOptions {
  /** Report what would change, and change nothing. */
  readonly dryRun: boolean;
  /** Scopes that count as existing in a dry run. */
  readonly scopesToCome: readonly string[];
}

type Outcomes = readonly EntryOutcome[];

/** Applies entries of a configuration file, all of a request or none, as the start of a server applies a file. */
@Injectable()
export class AdminConfigurationService {
  constructor(
    private readonly database: Database,
    private readonly repository: ClientRepository,
    private readonly scopes: ScopeProvisioner,
    private readonly groups: GroupProvisioner,
    private readonly clients: ClientProvisioner,
    private readonly users: UserProvisioner,
  ) {}

  /** @throws Problem naming everything that is wrong */
  applyScopes(
    entries: readonly ScopeEntry[],
    dryRun: boolean,
    { context }: Administrator,
  ): Promise<EntryChange[]> {
    const { scopes } = this;
    return this.#run('scopes', dryRun, async (tx) => {
      return (await scopes.apply(tx, entries, context)).outcomes;
    });
  }

  /** @throws Problem naming everything that is wrong */
  applyGroups(
    entries: readonly GroupEntry[],
    dryRun: boolean,
    { context }: Administrator,
  ): Promise<EntryChange[]> {
    return this.#run('groups', dryRun, (tx) => this.groups.apply(tx, entries, context));
  }

  /** @throws Problem naming everything that is wrong; BearerError when a client is more powerful than the administrator */
  applyClients(
    entries: readonly ClientEntry[],
    { dryRun, scopesToCome }: ApplyOptions,
    administrator: Administrator,
  ): Promise<EntryChange[]> {
    return this.#run('clients', dryRun, (tx) => this.#applyClients(tx, entries, scopesToCome, administrator));
  }

  /** @throws Problem naming everything that is wrong; HashQueueFullError */
  async applyUsers(
    entries: readonly UserEntry[],
    { dryRun, scopesToCome }: ApplyOptions,
    { context }: Administrator,
  ): Promise<EntryChange[]> {
    const used = await this.users.withUsedPassword(this.database.reader('administration'), entries);
    const passwords = new Map<UserEntry, PreparedPassword>();
    for (const entry of used) passwords.set(entry, await this.users.prepare(entry, dryRun));
    return this.#run('users', dryRun, (tx) =>
      this.#applyUsers(tx, entries, passwords, scopesToCome, context),
    );
  }

  async #run(
    list: string,
    dryRun: boolean,
    apply: (tx: Transaction) => Promise<Outcomes>,
  ): Promise<EntryChange[]> {
    const { database } = this;
    const work = async (tx: Transaction): Promise<EntryChange[]> => {
      // One configuration at a time, as at the start of a server.
      await tx.lock('configuration');
      return changesOf(list, await apply(tx));
    };
    return dryRun ? runDry(database, work, 'administration') : database.transaction(work, 'administration');
  }

  async #applyClients(
    tx: Transaction,
    entries: readonly ClientEntry[],
    scopesToCome: readonly string[],
    administrator: Administrator,
  ): Promise<Outcomes> {
    const names = await this.#scopeNames(tx, scopesToCome, administrator.context);
    const outcomes: EntryOutcome[] = [];
    for (const entry of entries) {
      const before = await this.repository.load(tx, entry.client_id);
      const outcome = await this.clients.apply(tx, entry, names, administrator.context);
      if ('change' in outcome && /^(create|update)$/.test(outcome.change.action)) {
        const after = toRegistration(entry).scope;
        assertHoldsPowerOf(administrator, ...(before === null ? [] : [before.registration.scope]), after);
      }
      outcomes.push(outcome);
    }
    return outcomes;
  }

  async #applyUsers(
    tx: Transaction,
    entries: readonly UserEntry[],
    passwords: ReadonlyMap<UserEntry, PreparedPassword>,
    scopesToCome: readonly string[],
    context: Administrator['context'],
  ): Promise<Outcomes> {
    const names = await this.#scopeNames(tx, scopesToCome, context);
    return this.users.apply(tx, entries, passwords, names, context);
  }

  async #scopeNames(
    tx: Transaction,
    toCome: readonly string[],
    context: Administrator['context'],
  ): Promise<ReadonlySet<string>> {
    const { names } = await this.scopes.apply(tx, [], context);
    return new Set([...names, ...toCome]);
  }
}

/** @throws Problem, which rolls the transaction back */
function changesOf(list: string, outcomes: Outcomes): EntryChange[] {
  const changes: EntryChange[] = [];
  const problems: FieldProblem[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    if ('change' in outcome) changes.push(outcome.change);
    else for (const problem of outcome.problems) problems.push(placed(`${list}[${index}]`, problem));
  }
  if (problems.length > 0) throw Problem.invalid(problems);
  return changes;
}

function placed(place: string, problem: string): FieldProblem {
  const [, key, text = problem] = /^(\w+): (.*)$/s.exec(problem) ?? [];
  return { field: key === undefined ? place : `${place}.${key}`, problem: text };
}

import { Injectable } from '@nestjs/common';
import type { Transaction } from '@latchkey/platform/database';
import type { AuditContext } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import { changesDetail } from '../audit/field-changes.js';
import { ScopeRepository, type Scope, type ScopeUses } from './scope-repository.js';

/** A scope cannot be deleted while a client or user has it. */
export class ScopeInUseError extends Error {
  override readonly name = 'ScopeInUseError';

  constructor(
    scope: string,
    readonly uses: ScopeUses,
  ) {
    super(`The scope ${scope} is in use`);
  }
}

interface EnsuredScopes {
  /** All scopes that now exist. */
  readonly names: ReadonlySet<string>;
  /** The previous state of each wanted scope, in their order; `null`: it was created. */
  readonly before: readonly (Scope | null)[];
}

@Injectable()
export class ScopesService {
  constructor(
    private readonly scopes: ScopeRepository,
    private readonly audit: AuditLog,
  ) {}

  /** Creates missing scopes and updates changed descriptions. */
  async ensure(tx: Transaction, wanted: readonly Scope[], context: AuditContext): Promise<EnsuredScopes> {
    const existing = new Map((await this.scopes.lockAndList(tx)).map((scope) => [scope.name, scope]));
    const before: (Scope | null)[] = [];
    for (const scope of wanted) {
      const known = existing.get(scope.name);
      before.push(known ?? null);
      if (known?.description === scope.description) continue;
      await (known === undefined ? this.scopes.insert(tx, scope) : this.scopes.describe(tx, scope));
      existing.set(scope.name, scope);
      await this.audit.record(tx, {
        ...context,
        kind: known === undefined ? 'scope_created' : 'scope_updated',
        outcome: 'success',
        detail: {
          scope: scope.name,
          ...changesDetail({ description: known?.description ?? null }, { description: scope.description }),
        },
      });
    }
    return { names: new Set(existing.keys()), before };
  }

  /**
   * Until the transaction commits, no other one adds or deletes a scope or applies a configuration file. Take it before
   * locking any row, in the same order as a configuration file does, because otherwise both could deadlock.
   */
  lock(tx: Transaction): Promise<void> {
    return this.scopes.lock(tx);
  }

  /** The names of all scopes. Until the transaction commits, no other one adds or deletes a scope. */
  async listNames(tx: Transaction): Promise<string[]> {
    return (await this.scopes.lockAndList(tx)).map(({ name }) => name);
  }

  /** @throws ScopeInUseError; the caller must then roll the transaction back */
  async remove(tx: Transaction, name: string, context: AuditContext): Promise<void> {
    const uses = await this.scopes.listUses(tx, name);
    if (uses.clientIds.length + uses.usernames.length > 0) throw new ScopeInUseError(name, uses);
    await this.scopes.delete(tx, name);
    await this.audit.record(tx, {
      ...context,
      kind: 'scope_deleted',
      outcome: 'success',
      detail: { scope: name },
    });
  }
}

import { Injectable } from '@nestjs/common';
import type { Step } from '@latchkey/platform';
import type { AuditContext } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import { ScopeRepository, type Scope } from './scope-repository.js';

@Injectable()
export class ScopesService {
  constructor(
    private readonly scopes: ScopeRepository,
    private readonly audit: AuditLog,
  ) {}

  /** Creates what is missing and describes anew what changed. @returns the names of all scopes that now exist */
  *ensure(wanted: readonly Scope[], context: AuditContext): Step<ReadonlySet<string>> {
    const existing = new Map((yield* this.scopes.lockAndList()).map((scope) => [scope.name, scope]));
    for (const scope of wanted) {
      const known = existing.get(scope.name);
      if (known?.description === scope.description) continue;
      yield* known === undefined ? this.scopes.insert(scope) : this.scopes.describe(scope);
      existing.set(scope.name, scope);
      yield* this.audit.record({
        ...context,
        kind: known === undefined ? 'scope_created' : 'scope_updated',
        outcome: 'success',
        detail: { scope: scope.name },
      });
    }
    return new Set(existing.keys());
  }
}

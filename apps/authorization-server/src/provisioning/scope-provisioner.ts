import { Injectable } from '@nestjs/common';
import type { Transaction } from '@latchkey/platform/database';
import type { AuditContext } from '../audit/audit-event.js';
import { fieldChanges } from '../audit/field-changes.js';
import { isReservedScope } from '../scopes/reserved-scope.js';
import { ScopesService } from '../scopes/scopes.service.js';
import { createdEntry, existingEntry, type EntryOutcome } from './configuration-change.js';
import type { ScopeEntry } from './configuration-document.js';

/** Creates the scopes of a configuration file, or updates their descriptions. */
@Injectable()
export class ScopeProvisioner {
  constructor(private readonly scopes: ScopesService) {}

  /** @returns the names of all scopes that now exist, and the outcome of each entry */
  async apply(
    tx: Transaction,
    entries: readonly ScopeEntry[],
    context: AuditContext,
  ): Promise<{ names: ReadonlySet<string>; outcomes: EntryOutcome[] }> {
    const wanted = entries.map(({ name, description = '' }) => ({ name, description }));
    const { names, before } = await this.scopes.ensure(tx, wanted, context);
    const outcomes = wanted.map(({ name, description }, index): EntryOutcome => {
      if (isReservedScope(name)) return { problems: ['name: administrative scopes are built in'] };
      const known = before[index] ?? null;
      const fields = fieldChanges(
        { description: known?.description || null },
        { description: description || null },
      );
      return {
        change: known === null ? createdEntry('scope', name, fields) : existingEntry('scope', name, fields),
      };
    });
    return { names, outcomes };
  }
}

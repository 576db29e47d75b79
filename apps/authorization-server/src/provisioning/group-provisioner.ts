import { Injectable } from '@nestjs/common';
import type { Transaction } from '@latchkey/platform/database';
import type { AuditContext } from '../audit/audit-event.js';
import { fieldChanges } from '../audit/field-changes.js';
import { fromWire } from '../fields/field.js';
import { SECOND_FACTOR_FIELDS } from '../fields/second-factor-rule.js';
import { groupFields, GroupsService, MAX_GROUPS, TooManyGroupsError } from '../groups/groups.service.js';
import { createdEntry, existingEntry, type EntryOutcome } from './configuration-change.js';
import type { GroupEntry } from './configuration-document.js';

/** Creates or changes the groups of a configuration file. */
@Injectable()
export class GroupProvisioner {
  constructor(private readonly groups: GroupsService) {}

  /** @returns the outcome of each entry */
  async apply(
    tx: Transaction,
    entries: readonly GroupEntry[],
    context: AuditContext,
  ): Promise<EntryOutcome[]> {
    const outcomes: EntryOutcome[] = [];
    for (const entry of entries) outcomes.push(await this.#apply(tx, entry, context));
    return outcomes;
  }

  async #apply(tx: Transaction, entry: GroupEntry, context: AuditContext): Promise<EntryOutcome> {
    const { name } = entry;
    const group = { name, ...fromWire(SECOND_FACTOR_FIELDS, entry) };
    try {
      const before = await this.groups.save(tx, group, context);
      const fields = fieldChanges(groupFields(before), groupFields(group));
      const outcome = before === null ? createdEntry : existingEntry;
      return { change: outcome('group', name, fields) };
    } catch (error) {
      if (!(error instanceof TooManyGroupsError)) throw error;
      return { problems: [`name: there are more than ${MAX_GROUPS} groups with rules`] };
    }
  }
}

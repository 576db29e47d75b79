import { Injectable } from '@nestjs/common';
import { Database, type Reader, type Transaction } from '@latchkey/platform/database';
import type { AuditContext, AuditKind } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import { changesDetail, type EntryFields } from '../audit/field-changes.js';
import { Caches } from '../changes/caches.js';
import { ChangePublisher } from '../changes/change-publisher.js';
import type { CoherentCache } from '../changes/coherent-cache.js';
import { pickFields, toWire } from '../fields/field.js';
import { SECOND_FACTOR_FIELDS, type SecondFactorRule } from '../fields/second-factor-rule.js';
import { GroupEntity } from './group.entity.js';

export interface Group extends SecondFactorRule {
  readonly name: string;
}

type Rules = ReadonlyMap<string, SecondFactorRule>;

/** More than an installation needs, and few enough for the memory of each server. */
export const MAX_GROUPS = 1000;

const ALL = 'all';

/** The maximum number of groups with rules is reached. */
export class TooManyGroupsError extends Error {
  override readonly name = 'TooManyGroupsError';
}

/** The groups that have rules for their users. Each change is audited, in the transaction of the change. */
@Injectable()
export class GroupsService {
  readonly #cache: CoherentCache<Rules>;

  constructor(
    private readonly database: Database,
    private readonly changes: ChangePublisher,
    private readonly audit: AuditLog,
    caches: Caches,
  ) {
    this.#cache = caches.create<Rules>({
      name: 'groups',
      maxEntries: 1,
      invalidatedBy: ({ kind }) => (kind === 'groups' ? ALL : null),
    });
  }

  /** The rules of a user's groups, from memory until they change. */
  async rulesOf(groups: readonly string[]): Promise<readonly SecondFactorRule[]> {
    if (groups.length === 0) return [];
    const rules = await this.#cache.find(ALL, () => this.#read());
    return groups.flatMap((name) => rules?.get(name) ?? []);
  }

  /** By name. */
  list({ manager }: Reader): Promise<Group[]> {
    return manager.find(GroupEntity, { order: { name: 'ASC' } });
  }

  find({ manager }: Reader, name: string): Promise<Group | null> {
    return manager.findOneBy(GroupEntity, { name });
  }

  /**
   * Creates or changes a group.
   *
   * @returns the group as it was; `null`: it was created
   * @throws TooManyGroupsError
   */
  async save(tx: Transaction, group: Group, context: AuditContext): Promise<Group | null> {
    await tx.lock('groups');
    const before = await this.find(tx, group.name);
    const updatedAt = () => this.database.now.sql;
    const values = { ...pickFields(SECOND_FACTOR_FIELDS, group), updatedAt };
    if (before === null) {
      if ((await tx.manager.count(GroupEntity)) >= MAX_GROUPS) throw new TooManyGroupsError();
      await tx.manager.insert(GroupEntity, { ...values, name: group.name, createdAt: updatedAt });
    } else {
      if (changesDetail(groupFields(before), groupFields(group)).changes === undefined) return before;
      await tx.manager.update(GroupEntity, { name: group.name }, values);
    }
    await this.#changed(tx, before === null ? 'group_created' : 'group_updated', before, group, context);
    return before;
  }

  /** @returns false when there is no such group */
  async remove(tx: Transaction, name: string, context: AuditContext): Promise<boolean> {
    await tx.lock('groups');
    const group = await this.find(tx, name);
    if (group === null) return false;
    await tx.manager.delete(GroupEntity, { name });
    await this.#changed(tx, 'group_deleted', group, null, context);
    return true;
  }

  async #changed(
    tx: Transaction,
    kind: AuditKind,
    before: Group | null,
    after: Group | null,
    context: AuditContext,
  ): Promise<void> {
    await this.changes.groupsChanged(tx);
    const group = (after ?? before)?.name ?? '';
    const detail = { group, ...changesDetail(groupFields(before), groupFields(after)) };
    await this.audit.record(tx, { ...context, kind, outcome: 'success', detail });
  }

  async #read(): Promise<Rules> {
    return new Map((await this.list(this.database)).map((group) => [group.name, group]));
  }
}

/** All fields of a group, under their names in the configuration file and the administration API. */
export function groupFields(group: SecondFactorRule | null): EntryFields {
  return group === null ? {} : toWire(SECOND_FACTOR_FIELDS, group);
}

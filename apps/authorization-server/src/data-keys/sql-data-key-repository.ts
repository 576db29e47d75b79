import { Injectable } from '@nestjs/common';
import { Database, insertInto, type Step } from '@latchkey/platform';
import sql, { type Sql } from 'sql-template-tag';
import { ChangeLog } from '../changes/change-log.js';
import type { DataKeyState } from './data-key.js';
import { DataKeyRepository, type DataKeyFacts, type WrappedDataKey } from './data-key-repository.js';

@Injectable()
export class SqlDataKeyRepository extends DataKeyRepository {
  constructor(
    private readonly database: Database,
    private readonly changes: ChangeLog,
  ) {
    super();
  }

  override list(): Promise<WrappedDataKey[]> {
    return this.database.query<WrappedDataKey>(this.#selectAll(), 'background');
  }

  override listFacts(): Promise<DataKeyFacts[]> {
    return this.database.query<DataKeyFacts>(
      sql`
      SELECT kid, purpose, state, created_at AS "createdAt" FROM data_keys ORDER BY created_at, kid`,
      'administration',
    );
  }

  override *lockAndList(): Step<WrappedDataKey[]> {
    yield* this.database.lock('data-keys');
    return (yield this.#selectAll()) as unknown as WrappedDataKey[];
  }

  override *insert({ kid, purpose, state, wrapped }: Omit<WrappedDataKey, 'age'>): Step<void> {
    yield insertInto('data_keys', { kid, purpose, state, wrapped, created_at: this.database.now });
    yield* this.changes.dataKeysChanged();
  }

  override *setState(kid: string, state: DataKeyState): Step<void> {
    yield sql`UPDATE data_keys SET state = ${state} WHERE kid = ${kid}`;
    yield* this.changes.dataKeysChanged();
  }

  override *renew(kid: string): Step<void> {
    yield sql`UPDATE data_keys SET created_at = ${this.database.now} WHERE kid = ${kid}`;
  }

  override *rewrap(kid: string, wrapped: Buffer): Step<void> {
    yield sql`UPDATE data_keys SET wrapped = ${wrapped} WHERE kid = ${kid}`;
  }

  #selectAll(): Sql {
    return sql`SELECT kid, purpose, state, wrapped, ${this.database.now} - created_at AS age
      FROM data_keys ORDER BY created_at, kid`;
  }
}

import { Injectable } from '@nestjs/common';
import { Database, insertInto, type Transaction } from '@latchkey/platform/database';
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

  override async lockAndList(tx: Transaction): Promise<WrappedDataKey[]> {
    await tx.lock('data-keys');
    return await tx.query<WrappedDataKey>(this.#selectAll());
  }

  override async insert(
    tx: Transaction,
    { kid, purpose, state, wrapped }: Omit<WrappedDataKey, 'age'>,
  ): Promise<void> {
    await tx.query(insertInto('data_keys', { kid, purpose, state, wrapped, created_at: this.database.now }));
    await this.changes.dataKeysChanged(tx);
  }

  override async setState(tx: Transaction, kid: string, state: DataKeyState): Promise<void> {
    await tx.query(sql`UPDATE data_keys SET state = ${state} WHERE kid = ${kid}`);
    await this.changes.dataKeysChanged(tx);
  }

  override async renew(tx: Transaction, kid: string): Promise<void> {
    await tx.query(sql`UPDATE data_keys SET created_at = ${this.database.now} WHERE kid = ${kid}`);
  }

  override async rewrap(tx: Transaction, kid: string, wrapped: Buffer): Promise<void> {
    await tx.query(sql`UPDATE data_keys SET wrapped = ${wrapped} WHERE kid = ${kid}`);
  }

  #selectAll(): Sql {
    return sql`SELECT kid, purpose, state, wrapped, ${this.database.now} - created_at AS age
      FROM data_keys ORDER BY created_at, kid`;
  }
}

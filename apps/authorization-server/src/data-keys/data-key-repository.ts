import { Database, type Transaction } from '@latchkey/platform/database';
import { Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import type { DataKeyState } from './data-key.js';
import { DataKeyEntity } from './data-key.entity.js';
import { ChangePublisher } from '../changes/change-publisher.js';

/** A data key as it is stored. */
export interface WrappedDataKey extends Omit<DataKeyEntity, 'createdAt'> {
  /** Milliseconds since its creation, by the database's clock. */
  readonly age: number;
}

/** A data key without its value. */
export type DataKeyInfo = Omit<DataKeyEntity, 'wrapped'>;

@Injectable()
export class DataKeyRepository {
  constructor(
    private readonly database: Database,
    private readonly changes: ChangePublisher,
  ) {}

  /** All keys, oldest first. */
  list(): Promise<WrappedDataKey[]> {
    return this.database.query<WrappedDataKey>(this.#selectAll(), 'background');
  }

  /** All keys, oldest first, without their values. */
  listInfo(): Promise<DataKeyInfo[]> {
    return this.database.reader('administration').manager.find(DataKeyEntity, {
      select: { kid: true, purpose: true, state: true, createdAt: true },
      order: { createdAt: 'ASC', kid: 'ASC' },
    });
  }

  /** All keys, oldest first. Other transactions wait at this call until the transaction commits. */
  async lockAndList(tx: Transaction): Promise<WrappedDataKey[]> {
    await tx.lock('data-keys');
    return await tx.query<WrappedDataKey>(this.#selectAll());
  }

  async insert(
    tx: Transaction,
    { kid, purpose, state, wrapped }: Omit<WrappedDataKey, 'age'>,
  ): Promise<void> {
    const createdAt = () => this.database.now.sql;
    await tx.manager.insert(DataKeyEntity, { kid, purpose, state, wrapped, createdAt });
    await this.changes.dataKeysChanged(tx);
  }

  async setState(tx: Transaction, kid: string, state: DataKeyState): Promise<void> {
    await tx.manager.update(DataKeyEntity, { kid }, { state });
    await this.changes.dataKeysChanged(tx);
  }

  /** Sets the creation time of a key to now. */
  async renew(tx: Transaction, kid: string): Promise<void> {
    await tx.manager.update(DataKeyEntity, { kid }, { createdAt: () => this.database.now.sql });
  }

  async rewrap(tx: Transaction, kid: string, wrapped: Buffer): Promise<void> {
    await tx.manager.update(DataKeyEntity, { kid }, { wrapped });
  }

  /** The age is computed in the same statement, by the database's clock. */
  #selectAll(): Sql {
    return sql`SELECT kid, purpose, state, wrapped, ${this.database.now} - created_at AS age
      FROM data_keys ORDER BY created_at, kid`;
  }
}

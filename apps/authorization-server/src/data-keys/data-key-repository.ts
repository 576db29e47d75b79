import { Database, insertInto, type Transaction } from '@latchkey/platform/database';
import { Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import type { DataKeyPurpose, DataKeyState } from './data-key.js';
import { ChangeLog } from '../changes/change-log.js';

/** A data key as it is stored. */
export interface WrappedDataKey {
  readonly kid: string;
  readonly purpose: DataKeyPurpose;
  readonly state: DataKeyState;
  readonly wrapped: Buffer;
  /** Milliseconds since it was made, by the database's clock. */
  readonly age: number;
}

/** What may be told of a data key. */
export interface DataKeyFacts extends Pick<WrappedDataKey, 'kid' | 'purpose' | 'state'> {
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

@Injectable()
export class DataKeyRepository {
  constructor(
    private readonly database: Database,
    private readonly changes: ChangeLog,
  ) {}

  /** All keys, oldest first. */
  list(): Promise<WrappedDataKey[]> {
    return this.database.query<WrappedDataKey>(this.#selectAll(), 'background');
  }

  /** All keys, oldest first, without their values. */
  listFacts(): Promise<DataKeyFacts[]> {
    return this.database.query<DataKeyFacts>(
      sql`
      SELECT kid, purpose, state, created_at AS "createdAt" FROM data_keys ORDER BY created_at, kid`,
      'administration',
    );
  }

  /** All keys, oldest first. Until the unit of work commits, no other one gets past this call. */
  async lockAndList(tx: Transaction): Promise<WrappedDataKey[]> {
    await tx.lock('data-keys');
    return await tx.query<WrappedDataKey>(this.#selectAll());
  }

  async insert(
    tx: Transaction,
    { kid, purpose, state, wrapped }: Omit<WrappedDataKey, 'age'>,
  ): Promise<void> {
    await tx.query(insertInto('data_keys', { kid, purpose, state, wrapped, created_at: this.database.now }));
    await this.changes.dataKeysChanged(tx);
  }

  async setState(tx: Transaction, kid: string, state: DataKeyState): Promise<void> {
    await tx.query(sql`UPDATE data_keys SET state = ${state} WHERE kid = ${kid}`);
    await this.changes.dataKeysChanged(tx);
  }

  /** Makes a key as old as if it were made now. */
  async renew(tx: Transaction, kid: string): Promise<void> {
    await tx.query(sql`UPDATE data_keys SET created_at = ${this.database.now} WHERE kid = ${kid}`);
  }

  async rewrap(tx: Transaction, kid: string, wrapped: Buffer): Promise<void> {
    await tx.query(sql`UPDATE data_keys SET wrapped = ${wrapped} WHERE kid = ${kid}`);
  }

  #selectAll(): Sql {
    return sql`SELECT kid, purpose, state, wrapped, ${this.database.now} - created_at AS age
      FROM data_keys ORDER BY created_at, kid`;
  }
}

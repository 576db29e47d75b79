import type { Transaction } from '@latchkey/platform/database';
import type { DataKeyPurpose, DataKeyState } from './data-key.js';

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

export abstract class DataKeyRepository {
  /** All keys, oldest first. */
  abstract list(): Promise<WrappedDataKey[]>;
  /** All keys, oldest first, without their values. */
  abstract listFacts(): Promise<DataKeyFacts[]>;
  /** All keys, oldest first. Until the unit of work commits, no other one gets past this call. */
  abstract lockAndList(tx: Transaction): Promise<WrappedDataKey[]>;
  abstract insert(tx: Transaction, key: Omit<WrappedDataKey, 'age'>): Promise<void>;
  abstract setState(tx: Transaction, kid: string, state: DataKeyState): Promise<void>;
  /** Makes a key as old as if it were made now. */
  abstract renew(tx: Transaction, kid: string): Promise<void>;
  abstract rewrap(tx: Transaction, kid: string, wrapped: Buffer): Promise<void>;
}

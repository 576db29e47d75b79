import type { Step } from '@latchkey/platform';
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
  /** All keys, oldest first. Until the unit of work commits, no other one gets past this step. */
  abstract lockAndList(): Step<WrappedDataKey[]>;
  abstract insert(key: Omit<WrappedDataKey, 'age'>): Step<void>;
  abstract setState(kid: string, state: DataKeyState): Step<void>;
  /** Makes a key as old as if it were made now. */
  abstract renew(kid: string): Step<void>;
  abstract rewrap(kid: string, wrapped: Buffer): Step<void>;
}

import type { Step } from '@latchkey/platform';
import type { DataKeyPurpose, DataKeyState } from './data-key.js';

/** A data key as it is stored. */
export interface WrappedDataKey {
  readonly kid: string;
  readonly purpose: DataKeyPurpose;
  readonly state: DataKeyState;
  readonly wrapped: Buffer;
}

export abstract class DataKeyRepository {
  /** All keys, oldest first. Until the unit of work commits, no other one gets past this step. */
  abstract lockAndList(): Step<WrappedDataKey[]>;
  abstract insert(key: WrappedDataKey): Step<void>;
}

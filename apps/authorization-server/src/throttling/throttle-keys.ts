import { networkOf } from '@latchkey/platform/http';
import type { DataKeysService } from '../data-keys/data-keys.service.js';
import { createDeviceValue, deviceValueIsGenuine } from './device-value.js';

const KEY_BYTES = 16;

/** What an account counts apart from passwords: each kind of second factor, and codes that prove a new address. */
export const THROTTLED_FACTORS = ['otp', 'passkey', 'email', 'recovery-code', 'new e-mail address'] as const;

export type ThrottledFactor = (typeof THROTTLED_FACTORS)[number];

/** Names the buckets of the throttle by keyed hashes, so that the table reveals neither names nor addresses. */
export class ThrottleKeys {
  constructor(private readonly keys: DataKeysService) {}

  /** @param name canonical */
  account(name: string): Buffer {
    return this.#keyOf('login account', name);
  }

  /** One second factor of an account; its failures are counted separately. */
  factor(account: Buffer, factor: string): Buffer {
    return this.#keyOf('login factor', `${account.toString('hex')} ${factor}`);
  }

  /** An address at one account. */
  source(account: Buffer, address: string): Buffer {
    return this.#keyOf('login source', `${account.toString('hex')} ${networkOf(address)}`);
  }

  /** All unknown sources of one account together. */
  shared(account: Buffer, addressKnown: boolean): Buffer {
    return this.#keyOf(
      addressKnown ? 'login unknown sources' : 'login without address',
      account.toString('hex'),
    );
  }

  /** A device at one account. */
  device(account: Buffer, device: string): Buffer {
    return this.#keyOf('login device', `${account.toString('hex')} ${device}`);
  }

  /** An address at all accounts. */
  budget(address: string): Buffer {
    return this.#keyOf('login accounts of a source', String(networkOf(address)));
  }

  /** A counter of sent messages. */
  sending(kind: string, name: string): Buffer {
    return this.#keyOf('sent messages', `${kind} ${name}`);
  }

  isGenuine(device: string, account: Buffer): boolean {
    return deviceValueIsGenuine(device, account, this.keys.ring.active('digest').material, Date.now());
  }

  createDeviceValue(account: Buffer, expiresAt: number): string {
    return createDeviceValue(account, this.keys.ring.active('digest').material, expiresAt);
  }

  #keyOf(use: string, value: string): Buffer {
    return Buffer.from(this.keys.digest(use, value), 'base64url').subarray(0, KEY_BYTES);
  }
}

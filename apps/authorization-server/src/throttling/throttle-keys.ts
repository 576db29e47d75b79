import { networkOf } from '@latchkey/platform/http';
import type { DataKeysService } from '../data-keys/data-keys.service.js';
import { createDeviceValue, deviceValueIsGenuine } from './device-value.js';

const KEY_BYTES = 16;

/** Names the buckets of the throttle, so that the table tells neither names nor addresses. */
export class ThrottleKeys {
  constructor(private readonly keys: DataKeysService) {}

  /** @param name canonical */
  account(name: string): Buffer {
    return this.#keyOf('login account', name);
  }

  /** Of one second factor of an account: its failures are counted apart. */
  factor(account: Buffer, factor: string): Buffer {
    return this.#keyOf('login factor', `${account.toString('hex')} ${factor}`);
  }

  /** Of an address at one account. */
  source(account: Buffer, address: string): Buffer {
    return this.#keyOf('login source', `${account.toString('hex')} ${networkOf(address)}`);
  }

  /** Of all sources together that are not known at one account. */
  shared(account: Buffer, addressKnown: boolean): Buffer {
    return this.#keyOf(
      addressKnown ? 'login unknown sources' : 'login without address',
      account.toString('hex'),
    );
  }

  /** Of a device at one account. */
  device(account: Buffer, device: string): Buffer {
    return this.#keyOf('login device', `${account.toString('hex')} ${device}`);
  }

  /** Of an address at all accounts. */
  budget(address: string): Buffer {
    return this.#keyOf('login accounts of a source', String(networkOf(address)));
  }

  /** Of the messages that are sent. */
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

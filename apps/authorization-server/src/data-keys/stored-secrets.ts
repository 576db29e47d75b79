import { hkdfSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataKeysService } from './data-keys.service.js';
import { seal, unseal } from './sealing.js';

/** Seals secrets that are stored for the installation's lifetime: the database alone does not reveal them. */
@Injectable()
export class StoredSecrets {
  constructor(private readonly keys: DataKeysService) {}

  /**
   * @param use separates the values of different uses
   * @param context public data that the value belongs to, such as the key of its row
   */
  seal(use: string, plaintext: Buffer, context: string): Buffer {
    return seal(this.#keyFor(use), plaintext, context);
  }

  /** @throws UnsealError */
  unseal(use: string, sealed: Buffer, context: string): Buffer {
    return unseal(this.#keyFor(use), sealed, context);
  }

  /** Derived from the key that never rotates, because stored values have to stay readable. */
  #keyFor(use: string): Buffer {
    const { material } = this.keys.ring.active('digest');
    return Buffer.from(hkdfSync('sha256', material, Buffer.alloc(0), `latchkey sealing ${use}`, 32));
  }
}

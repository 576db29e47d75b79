import { hkdfSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataKeysService } from './data-keys.service.js';
import { seal, unseal } from './sealing.js';

/** Seals what is stored for the life of the installation: the database alone does not tell it. */
@Injectable()
export class StoredSecrets {
  constructor(private readonly keys: DataKeysService) {}

  /**
   * @param use keeps what is sealed for different uses apart
   * @param context what belongs to it and is not secret, such as the key of its row
   */
  seal(use: string, plaintext: Buffer, context: string): Buffer {
    return seal(this.#keyFor(use), plaintext, context);
  }

  /** @throws UnsealError */
  unseal(use: string, sealed: Buffer, context: string): Buffer {
    return unseal(this.#keyFor(use), sealed, context);
  }

  /** Of the key that never rotates: rotation may take a key out of use, and what is stored has to stay readable. */
  #keyFor(use: string): Buffer {
    const { material } = this.keys.ring.active('digest');
    return Buffer.from(hkdfSync('sha256', material, Buffer.alloc(0), `latchkey sealing ${use}`, 32));
  }
}

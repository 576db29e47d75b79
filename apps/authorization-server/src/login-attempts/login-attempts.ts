import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { newId, type Statement, type Transaction } from '@latchkey/platform/database';
import type { Client } from '../clients/client.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import {
  formatRefreshToken,
  parseRefreshToken,
  refreshTokenIsAuthentic,
} from '../tokens/refresh-token-format.js';
import type { LoginAttemptEntity } from './login-attempt.entity.js';
import {
  LoginAttemptRepository,
  type FoundLoginAttempt,
  type NewLoginAttempt,
} from './login-attempt-repository.js';

/** Of the handle, which is made like a refresh token. */
const HANDLE_PREFIX = 'lkm_';
const SEED_BYTES = 16;

/** How long the request that ended an attempt gets its answer again, in milliseconds: the answer may have been lost. */
export const ANSWER_AGAIN_MS = 10_000;

/**
 * Logins that wait for a second factor. The client holds a handle, the `mfa_token`: a MAC by a data key over the id and the
 * generation of the attempt, so that neither the database nor the key alone can forge one.
 */
@Injectable()
export class LoginAttempts {
  constructor(
    private readonly repository: LoginAttemptRepository,
    private readonly keys: DataKeysService,
  ) {}

  /** @returns what to store, and the handle */
  begin(login: Omit<NewLoginAttempt, 'id' | 'seed'>): { stored: Statement; handle: string } {
    const attempt = { ...login, id: newId(), seed: randomBytes(SEED_BYTES) };
    const { kid, material } = this.keys.ring.active('refresh');
    const body = { kid, sid: attempt.id, generation: 0 };
    const handle = formatRefreshToken(body, material, attempt.seed, HANDLE_PREFIX);
    return { stored: this.repository.insertStatement(attempt), handle };
  }

  /** @returns the attempt that a handle of this client names, over or not; `null` for anything else */
  async find(handle: string, client: Client): Promise<FoundLoginAttempt | null> {
    const parsed = parseRefreshToken(handle, HANDLE_PREFIX);
    const key = parsed === null ? null : this.keys.ring.find('refresh', parsed.kid);
    if (parsed === null || key === null) return null;
    const found = await this.repository.find(parsed.sid);
    if (found === null || !refreshTokenIsAuthentic(parsed, key.material, found.attempt.seed)) return null;
    return found.attempt.clientKey === client.key ? found : null;
  }

  /** See {@link LoginAttemptRepository.end}. */
  end(tx: Transaction, attempt: LoginAttemptEntity, sid: string, proofDigest: Buffer): Promise<boolean> {
    return this.repository.end(tx, attempt, sid, proofDigest);
  }

  /** Recognises a proof that is presented again, without storing it. */
  proofDigest({ id }: LoginAttemptEntity, factor: string, proof: string): Buffer {
    return Buffer.from(this.keys.digest('login attempt proof', `${id} ${factor} ${proof}`), 'base64url');
  }
}

import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { AuthorizationState, CachedAuthorization } from '../authorizations/authorization.js';
import { TokenAuthorizations } from '../authorizations/token-authorizations.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import { formatHandle, parseHandle, handleIsAuthentic } from './handle-format.js';

const PREFIX = 'lkr_';

/** A refresh token with a right MAC, and the current state of its authorization. */
interface FoundRefreshToken {
  readonly generation: number;
  readonly state: AuthorizationState<CachedAuthorization>;
}

@Injectable()
export class RefreshTokens {
  constructor(
    private readonly keys: DataKeysService,
    private readonly authorizations: TokenAuthorizations,
  ) {}

  newSeed(): Buffer {
    return randomBytes(16);
  }

  /**
   * The refresh token of an authorization in a generation; `null` when it has none. The text stays the same until the
   * data key rotates. After that there is another text for the same generation, and both are valid.
   */
  create({ id, seed }: Pick<CachedAuthorization, 'id' | 'seed'>, generation: number): string | null {
    if (seed === null) return null;
    const { kid, material } = this.keys.ring.active('refresh');
    return formatHandle(PREFIX, { kid, id, generation }, material, seed);
  }

  /** @returns `null` for anything that is no refresh token of ours */
  async verify(token: string): Promise<FoundRefreshToken | null> {
    const parsed = parseHandle(PREFIX, token);
    const key = parsed === null ? null : this.keys.ring.find('refresh', parsed.kid);
    if (parsed === null || key === null) return null;
    const state = await this.authorizations.find(parsed.id);
    const seed = state?.authorization.seed ?? null;
    if (state === null || seed === null) return null;
    return handleIsAuthentic(parsed, key.material, seed) ? { generation: parsed.generation, state } : null;
  }
}

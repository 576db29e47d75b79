import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { AuthorizationState, CachedAuthorization } from '../authorizations/authorization.js';
import { TokenAuthorizations } from '../authorizations/token-authorizations.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import { formatRefreshToken, parseRefreshToken, refreshTokenIsAuthentic } from './refresh-token-format.js';

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
    return formatRefreshToken({ kid, sid: id, generation }, material, seed);
  }

  /** @returns `null` for anything that is no refresh token of ours */
  async find(token: string): Promise<FoundRefreshToken | null> {
    const parsed = parseRefreshToken(token);
    const key = parsed === null ? null : this.keys.ring.find('refresh', parsed.kid);
    if (parsed === null || key === null) return null;
    const state = await this.authorizations.find(parsed.sid);
    const seed = state?.authorization.seed ?? null;
    if (state === null || seed === null) return null;
    return refreshTokenIsAuthentic(parsed, key.material, seed)
      ? { generation: parsed.generation, state }
      : null;
  }
}

import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type {
  AuthorizationState,
  LastingAuthorization,
  LiveAuthorization,
} from '../authorizations/authorization.js';
import { AuthorizationRepository } from '../authorizations/authorization-repository.js';
import { TokenAuthorizations } from '../authorizations/token-authorizations.js';
import type { Client } from '../clients/client.js';
import type { DataKey } from '../data-keys/data-key.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import {
  formatRefreshToken,
  parseRefreshToken,
  refreshTokenIsAuthentic,
  type ParsedRefreshToken,
} from './refresh-token-format.js';

/** A refresh token whose MAC is right, with its authorization as it is now. */
export interface FoundRefreshToken {
  readonly generation: number;
  readonly state: AuthorizationState;
}

/** The same as memory has it. */
export interface RememberedRefreshToken {
  readonly generation: number;
  readonly live: LiveAuthorization<LastingAuthorization>;
}

@Injectable()
export class RefreshTokens {
  constructor(
    private readonly keys: DataKeysService,
    private readonly authorizations: AuthorizationRepository,
    private readonly remembered: TokenAuthorizations,
  ) {}

  newSeed(): Buffer {
    return randomBytes(16);
  }

  /**
   * The refresh token of an authorization in some generation; `null` when it has none. The same text each time, until
   * the data key rotates: then another text for the same generation, and both are good.
   */
  create({ id, seed }: LastingAuthorization, generation: number): string | null {
    if (seed === null) return null;
    const { kid, material } = this.keys.ring.active('refresh');
    return formatRefreshToken({ kid, sid: id, generation }, material, seed);
  }

  /** @returns `null` for anything that is no refresh token of ours */
  async find(token: string): Promise<FoundRefreshToken | null> {
    const read = this.#read(token);
    if (read === null) return null;
    const state = await this.authorizations.find(read.parsed.sid);
    if (state === null || !isAuthentic(read, state.authorization)) return null;
    return { generation: read.parsed.generation, state };
  }

  /** @returns `null` unless memory knows it as a live token of this client, which says nothing against it */
  async findRemembered(token: string, client: Client): Promise<RememberedRefreshToken | null> {
    const read = this.#read(token);
    if (read === null) return null;
    const live = await this.remembered.findRemembered(read.parsed.sid, client);
    if (live === null || !isAuthentic(read, live.authorization)) return null;
    return { generation: read.parsed.generation, live };
  }

  #read(token: string): ReadRefreshToken | null {
    const parsed = parseRefreshToken(token);
    if (parsed === null) return null;
    const key = this.keys.ring.find('refresh', parsed.kid);
    return key === null ? null : { parsed, key };
  }
}

/** A refresh token whose MAC has not been checked, with the key that it names. */
interface ReadRefreshToken {
  readonly parsed: ParsedRefreshToken;
  readonly key: DataKey;
}

function isAuthentic({ parsed, key }: ReadRefreshToken, { seed }: LastingAuthorization): boolean {
  return seed !== null && refreshTokenIsAuthentic(parsed, key.material, seed);
}

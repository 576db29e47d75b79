import { Get, HttpCode, Post } from '@nestjs/common';
import type { DataKeyFacts } from '../../data-keys/data-key-repository.js';
import { signingAlgorithmOf } from '../../data-keys/data-key.js';
import { DataKeysService, RotationTooSoonError } from '../../data-keys/data-keys.service.js';
import { Administers } from '../common/administers.decorator.js';
import { CurrentAdministrator, type Administrator } from '../common/administrator.js';
import { Problem } from '../common/problem.js';
import { Body } from '../common/strict-input.js';
import { time } from '../common/times.js';
import { RevokeKeysRequest, RotateKeyRequest } from './data-key.requests.js';

/** A data key: never its value. */
export interface DataKeyResponse {
  kid: string;
  purpose: string;
  /** Of a signing key. */
  alg: string | null;
  state: string;
  created_at: string;
}

/** The keys behind the tokens. */
@Administers('keys', 'keys')
export class AdminKeysController {
  constructor(private readonly keys: DataKeysService) {}

  @Get()
  async list(): Promise<{ data: DataKeyResponse[] }> {
    return { data: (await this.keys.list()).map(toResponse) };
  }

  /** As a routine: what the key so far has made stays good. */
  @Post('rotate')
  @HttpCode(204)
  async rotate(
    @Body(RotateKeyRequest) { purpose, force = false }: RotateKeyRequest,
    @CurrentAdministrator() { context }: Administrator,
  ): Promise<void> {
    try {
      await this.keys.rotate(purpose, context, { force });
    } catch (error) {
      if (!(error instanceof RotationTooSoonError)) throw error;
      throw new Problem(409, 'conflict', `${error.message}; force overrides it`);
    }
  }

  /** In an emergency: whatever any key so far has made is refused at once. */
  @Post('revoke')
  @HttpCode(204)
  async revoke(
    @Body(RevokeKeysRequest) { purposes }: RevokeKeysRequest,
    @CurrentAdministrator() { context }: Administrator,
  ): Promise<void> {
    await this.keys.revoke(purposes, context);
  }
}

function toResponse({ kid, purpose, state, createdAt }: DataKeyFacts): DataKeyResponse {
  const alg = signingAlgorithmOf(purpose);
  return { kid, purpose: alg === null ? purpose : 'signing', alg, state, created_at: time(createdAt) };
}

import { Get, HttpCode, Post } from '@nestjs/common';
import {
  Describe,
  listOf,
  named,
  nullable,
  objectSchema,
  TEXT,
  TIMESTAMP,
  type TypeOf,
} from '@latchkey/platform/openapi';
import { ArrayNotEmpty, ArrayUnique, IsArray, IsBoolean, IsIn } from 'class-validator';
import type { DataKeyInfo } from '../data-keys/data-key-repository.js';
import { ROTATING_PURPOSES, signingAlgorithmOf, type RotatingPurpose } from '../data-keys/data-key.js';
import { DataKeysService, RotationTooSoonError } from '../data-keys/data-keys.service.js';
import { Optional } from '../fields/validators.js';
import { Administers } from './administers.decorator.js';
import { CurrentAdministrator, type Administrator } from './administrator.js';
import { Problem } from './problem.js';
import { StrictBody } from './strict-input.js';
import { time } from './wire.js';

class RotateKeyRequest {
  @IsIn(ROTATING_PURPOSES)
  purpose!: RotatingPurpose;

  /** Do not wait until every replica knows the next key. */
  @Optional()
  @IsBoolean()
  force?: boolean;
}

class RevokeKeysRequest {
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(ROTATING_PURPOSES, { each: true })
  purposes!: RotatingPurpose[];
}

/** A data key without its value. */
const DATA_KEY = named(
  'DataKey',
  // `alg` is for signing keys only.
  objectSchema({ kid: TEXT, purpose: TEXT, alg: nullable(TEXT), state: TEXT, created_at: TIMESTAMP }),
);

const DATA_KEYS = objectSchema({ data: listOf(DATA_KEY) });

/** The keys that sign and seal tokens. */
@Administers('keys', 'keys')
export class AdminKeysController {
  constructor(private readonly keys: DataKeysService) {}

  @Get()
  @Describe('Lists the data keys, but not what they are', { answer: DATA_KEYS })
  async listDataKeys(): Promise<TypeOf<typeof DATA_KEYS>> {
    return { data: (await this.keys.list()).map(toResponse) };
  }

  @Post('rotate')
  @HttpCode(204)
  @Describe('Puts the next key of a kind to use; what the key so far has made stays good', {
    example: { purpose: ROTATING_PURPOSES[0] },
    refusals: { 409: 'Not every replica knows the next key yet' },
  })
  async rotateDataKey(
    @StrictBody(RotateKeyRequest) { purpose, force = false }: RotateKeyRequest,
    @CurrentAdministrator() { context }: Administrator,
  ): Promise<void> {
    try {
      await this.keys.rotate(purpose, context, { force });
    } catch (error) {
      if (!(error instanceof RotationTooSoonError)) throw error;
      throw new Problem(409, 'conflict', `${error.message}; force overrides it`);
    }
  }

  @Post('revoke')
  @HttpCode(204)
  @Describe('Refuses at once whatever any key so far has made', {
    example: { purposes: [...ROTATING_PURPOSES] },
  })
  async revokeDataKeys(
    @StrictBody(RevokeKeysRequest) { purposes }: RevokeKeysRequest,
    @CurrentAdministrator() { context }: Administrator,
  ): Promise<void> {
    await this.keys.revoke(purposes, context);
  }
}

function toResponse({ kid, purpose, state, createdAt }: DataKeyInfo): TypeOf<typeof DATA_KEY> {
  const alg = signingAlgorithmOf(purpose);
  return { kid, purpose: alg === null ? purpose : 'signing', alg, state, created_at: time(createdAt) };
}

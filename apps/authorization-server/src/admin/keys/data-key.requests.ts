import { ArrayNotEmpty, ArrayUnique, IsArray, IsBoolean, IsIn } from 'class-validator';
import { ROTATING_PURPOSES, type RotatingPurpose } from '../../data-keys/data-key.js';
import { Optional } from '../../provisioning/configuration-validators.js';

export class RotateKeyRequest {
  @IsIn(ROTATING_PURPOSES)
  purpose!: RotatingPurpose;

  /** Do not wait until every replica knows the next key. */
  @Optional()
  @IsBoolean()
  force?: boolean;
}

export class RevokeKeysRequest {
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(ROTATING_PURPOSES, { each: true })
  purposes!: RotatingPurpose[];
}

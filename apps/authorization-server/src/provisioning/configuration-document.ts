import { IsList, IsText } from '@latchkey/platform/http';
import { Type } from 'class-transformer';
import {
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsObject,
  IsString,
  Length,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { GROUP_LIMITS } from '../users/user.js';
import { RegisteredMembers } from './client-metadata.js';
import {
  IsScope,
  IsScopeName,
  IsVschar,
  Optional,
  IsClientSecretHash,
  IsTimestamp,
} from './configuration-validators.js';

export class ScopeEntry {
  @IsScopeName()
  @Length(1, 255)
  name!: string;

  @Optional()
  @IsText({ min: 0, max: 1000 })
  description?: string;
}

export class ClientSecretEntry {
  @IsClientSecretHash()
  hash!: string;

  @Optional()
  @IsTimestamp()
  expires_at?: string;
}

export class ClientEntry extends RegisteredMembers {
  @IsVschar()
  @Length(1, 255)
  client_id!: string;

  @Optional()
  @IsVschar()
  @Length(1, 1024)
  client_secret?: string;

  @Optional()
  @IsClientSecretHash()
  client_secret_hash?: string;

  @Optional()
  @IsArray()
  @ArrayNotEmpty()
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ClientSecretEntry)
  client_secrets?: ClientSecretEntry[];

  @Optional()
  @IsBoolean()
  enabled?: boolean;

  @Optional()
  @IsBoolean()
  reset?: boolean;
}

export class UserEntry {
  @IsString()
  @Length(1, 255)
  username!: string;

  @Optional()
  @IsVschar()
  @Length(1, 255)
  sub?: string;

  @Optional()
  @IsString()
  @Length(1, 1024)
  password?: string;

  @Optional()
  @IsString()
  @MaxLength(2048)
  password_hash?: string;

  @Optional()
  @IsList(GROUP_LIMITS)
  @IsString({ each: true })
  @Length(1, 255, { each: true })
  groups?: string[];

  @Optional()
  @IsScope()
  allowed_scope?: string;

  @Optional()
  @IsBoolean()
  enabled?: boolean;

  @Optional()
  @IsBoolean()
  reset?: boolean;
}

/** The configuration file as it is written. */
export class ConfigurationDocument {
  @Optional()
  @IsArray()
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ScopeEntry)
  scopes?: ScopeEntry[];

  @Optional()
  @IsArray()
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ClientEntry)
  clients?: ClientEntry[];

  @Optional()
  @IsArray()
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => UserEntry)
  users?: UserEntry[];
}

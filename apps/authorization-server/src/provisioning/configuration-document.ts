import { GRANT_TYPES, type GrantType } from '@latchkey/contracts';
import { Type } from 'class-transformer';
import {
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Length,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import {
  ACCESS_TOKEN_FORMATS,
  CLIENT_TYPES,
  REFRESH_TOKEN_POLICIES,
  type AccessTokenFormat,
  type ClientType,
  type RefreshTokenPolicy,
} from '../clients/client.js';
import {
  IsAudience,
  IsCalendarDate,
  IsScope,
  IsScopeName,
  IsVschar,
  Optional,
  IsClientSecretHash,
} from './configuration-validators.js';

const MAX_SECONDS = 315_360_000;

export class ScopeEntry {
  @IsScopeName()
  @Length(1, 255)
  name!: string;

  @Optional()
  @IsString()
  @MaxLength(1000)
  description?: string;
}

export class ClientEntry {
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
  @IsString()
  @Length(1, 255)
  client_name?: string;

  @Optional()
  @IsIn(CLIENT_TYPES)
  client_type?: ClientType;

  @Optional()
  @IsArray()
  @ArrayUnique()
  @IsIn(GRANT_TYPES, { each: true })
  grant_types?: GrantType[];

  @Optional()
  @IsScope()
  scope?: string;

  @Optional()
  @IsScope()
  default_scope?: string;

  @Optional()
  @IsArray()
  @ArrayUnique()
  @IsAudience({ each: true })
  audience?: string[];

  @Optional()
  @IsIn(ACCESS_TOKEN_FORMATS)
  access_token_format?: AccessTokenFormat;

  @Optional()
  @IsInt()
  @Min(1)
  @Max(86_400)
  access_token_ttl?: number;

  @Optional()
  @IsIn(REFRESH_TOKEN_POLICIES)
  refresh_token_policy?: RefreshTokenPolicy;

  @Optional()
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  refresh_token_max_uses?: number;

  @Optional()
  @IsInt()
  @Min(1)
  @Max(MAX_SECONDS)
  refresh_token_ttl?: number;

  @Optional()
  @IsInt()
  @Min(1)
  @Max(MAX_SECONDS)
  refresh_token_idle_ttl?: number;

  @Optional()
  @IsInt()
  @Min(0)
  @Max(300)
  refresh_token_grace?: number;

  @Optional()
  @IsBoolean()
  may_introspect?: boolean;

  @Optional()
  @IsBoolean()
  forwards_end_user_address?: boolean;

  @Optional()
  @IsCalendarDate()
  password_grant_until?: string;

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
  @MaxLength(512)
  password_hash?: string;

  @Optional()
  @IsArray()
  @ArrayUnique()
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

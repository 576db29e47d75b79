import { GRANT_TYPES, type GrantType } from '@latchkey/contracts';
import { Type } from 'class-transformer';
import {
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
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
import { IsAudience, IsCalendarDate, IsScope, IsScopeName, IsVschar } from './configuration-validators.js';

const MAX_SECONDS = 315_360_000;

export class ScopeEntry {
  @IsScopeName()
  @Length(1, 255)
  name!: string;

  @IsOptional()
  @IsString()
  @MaxLength(1000)
  description?: string;
}

export class ClientEntry {
  @IsVschar()
  @Length(1, 255)
  client_id!: string;

  @IsOptional()
  @IsVschar()
  @Length(1, 1024)
  client_secret?: string;

  @IsOptional()
  @Matches(/^\$sha256\$[A-Za-z0-9_-]{43}$/, { message: '$property must be $sha256$ and a base64url digest' })
  client_secret_hash?: string;

  @IsOptional()
  @IsString()
  @Length(1, 255)
  client_name?: string;

  @IsOptional()
  @IsIn(CLIENT_TYPES)
  client_type?: ClientType;

  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @IsIn(GRANT_TYPES, { each: true })
  grant_types?: GrantType[];

  @IsOptional()
  @IsScope()
  scope?: string;

  @IsOptional()
  @IsScope()
  default_scope?: string;

  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @IsAudience({ each: true })
  audience?: string[];

  @IsOptional()
  @IsIn(ACCESS_TOKEN_FORMATS)
  access_token_format?: AccessTokenFormat;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(86_400)
  access_token_ttl?: number;

  @IsOptional()
  @IsIn(REFRESH_TOKEN_POLICIES)
  refresh_token_policy?: RefreshTokenPolicy;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  refresh_token_max_uses?: number;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_SECONDS)
  refresh_token_ttl?: number;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_SECONDS)
  refresh_token_idle_ttl?: number;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(300)
  refresh_token_grace?: number;

  @IsOptional()
  @IsBoolean()
  may_introspect?: boolean;

  @IsOptional()
  @IsBoolean()
  forwards_end_user_address?: boolean;

  @IsOptional()
  @IsCalendarDate()
  password_grant_until?: string;

  @IsOptional()
  @IsBoolean()
  enabled?: boolean;

  @IsOptional()
  @IsBoolean()
  reset?: boolean;
}

export class UserEntry {
  @IsString()
  @Length(1, 255)
  username!: string;

  @IsOptional()
  @IsVschar()
  @Length(1, 255)
  sub?: string;

  @IsOptional()
  @IsString()
  @Length(1, 1024)
  password?: string;

  @IsOptional()
  @IsString()
  @MaxLength(512)
  password_hash?: string;

  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, 255, { each: true })
  groups?: string[];

  @IsOptional()
  @IsScope()
  allowed_scope?: string;

  @IsOptional()
  @IsBoolean()
  enabled?: boolean;

  @IsOptional()
  @IsBoolean()
  reset?: boolean;
}

/** The configuration file as it is written. */
export class ConfigurationDocument {
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ScopeEntry)
  scopes?: ScopeEntry[];

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ClientEntry)
  clients?: ClientEntry[];

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => UserEntry)
  users?: UserEntry[];
}

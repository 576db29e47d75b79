import { GRANT_TYPES, SIGNING_ALGORITHMS, type GrantType, type SigningAlgorithm } from '@latchkey/contracts';
import { IsText } from '@latchkey/platform';
import { ArrayUnique, IsArray, IsBoolean, IsIn, IsInt, Max, Min } from 'class-validator';
import {
  ACCESS_TOKEN_FORMATS,
  CLIENT_TYPES,
  REFRESH_TOKEN_POLICIES,
  type AccessTokenFormat,
  type ClientType,
  type RefreshTokenPolicy,
} from '../clients/client.js';
import { IsAudience, IsCalendarDate, IsScopeOrNone, Optional } from './configuration-validators.js';

const MAX_SECONDS = 315_360_000;

/** What is registered about a client, as files and the administration API write it (names of RFC 7591 section 2). */
export class ClientMetadata {
  @Optional()
  @IsText({ min: 1, max: 255 })
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
  @IsScopeOrNone()
  scope?: string;

  @Optional()
  @IsScopeOrNone()
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
  @IsIn(SIGNING_ALGORITHMS)
  access_token_signing_alg?: SigningAlgorithm;

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
  @IsInt()
  @Min(1)
  @Max(100)
  refresh_token_max_retries?: number;

  @Optional()
  @IsBoolean()
  may_introspect?: boolean;

  @Optional()
  @IsBoolean()
  forwards_end_user_address?: boolean;

  @Optional()
  @IsCalendarDate()
  password_grant_until?: string;
}

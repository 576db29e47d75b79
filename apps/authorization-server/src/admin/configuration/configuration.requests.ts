import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsObject,
  Length,
  ValidateNested,
} from 'class-validator';
import { ClientEntry, ScopeEntry, UserEntry } from '../../provisioning/configuration-document.js';
import { IsScopeName, Optional } from '../../provisioning/configuration-validators.js';

/** Entries that one request applies: so many are compared and stored without keeping others waiting. */
const MAX_ENTRIES = 100;

const MAX_SCOPES = 1000;

class ApplyRequest {
  /** Find out what would change, and change nothing. */
  @Optional()
  @IsBoolean()
  dry_run?: boolean;
}

export class ApplyScopesRequest extends ApplyRequest {
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(MAX_ENTRIES)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ScopeEntry)
  scopes!: ScopeEntry[];
}

class ApplyWithScopesRequest extends ApplyRequest {
  /** In a dry run: scopes that count as there, because the same file creates them. */
  @Optional()
  @IsArray()
  @ArrayMaxSize(MAX_SCOPES)
  @IsScopeName({ each: true })
  @Length(1, 255, { each: true })
  scopes_to_come?: string[];
}

export class ApplyClientsRequest extends ApplyWithScopesRequest {
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(MAX_ENTRIES)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ClientEntry)
  clients!: ClientEntry[];
}

export class ApplyUsersRequest extends ApplyWithScopesRequest {
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(MAX_ENTRIES)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => UserEntry)
  users!: UserEntry[];
}

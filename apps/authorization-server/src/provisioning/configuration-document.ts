import { IsText } from '@latchkey/platform/http';
import { IsBoolean, IsString, Length, MaxLength } from 'class-validator';
import { MAX_CLIENT_SECRETS } from '../clients/client.js';
import { CLIENT_FIELDS } from '../clients/client-fields.js';
import { IsClientSecretHash } from '../clients/client-secret-hash.js';
import { withRules } from '../fields/field-rules.js';
import { USER_FIELDS } from '../users/user-fields.js';
import { SECOND_FACTOR_FIELDS } from '../fields/second-factor-rule.js';
import { IsListOf, IsScopeName, IsTimestamp, IsVschar, Optional } from '../fields/validators.js';

export class ScopeEntry {
  @IsScopeName()
  @Length(1, 255)
  name!: string;

  @Optional()
  @IsText({ min: 0, max: 1000 })
  description?: string;
}

export class GroupEntry extends withRules(SECOND_FACTOR_FIELDS) {
  @IsText({ min: 1, max: 255 })
  name!: string;
}

class ClientSecretEntry {
  @IsClientSecretHash()
  hash!: string;

  @Optional()
  @IsTimestamp()
  expires_at?: string;
}

export class ClientEntry extends withRules(CLIENT_FIELDS) {
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
  @IsListOf(() => ClientSecretEntry, { max: MAX_CLIENT_SECRETS, isFilled: true })
  client_secrets?: ClientSecretEntry[];

  @Optional()
  @IsBoolean()
  enabled?: boolean;

  @Optional()
  @IsBoolean()
  reset?: boolean;
}

export class UserEntry extends withRules(USER_FIELDS) {
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
  @IsString()
  @Length(1, 1024)
  totp_secret?: string;

  @Optional()
  @IsBoolean()
  enabled?: boolean;

  @Optional()
  @IsBoolean()
  reset?: boolean;
}

/** The structure of a configuration file. */
export class ConfigurationDocument {
  @Optional()
  @IsListOf(() => ScopeEntry, { isFilled: false })
  scopes?: ScopeEntry[];

  @Optional()
  @IsListOf(() => GroupEntry, { isFilled: false })
  groups?: GroupEntry[];

  @Optional()
  @IsListOf(() => ClientEntry, { isFilled: false })
  clients?: ClientEntry[];

  @Optional()
  @IsListOf(() => UserEntry, { isFilled: false })
  users?: UserEntry[];
}

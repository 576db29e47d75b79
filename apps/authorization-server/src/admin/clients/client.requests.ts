import { IsText, NamePageRequest } from '@latchkey/platform/http';
import { GRANT_TYPES, type GrantType } from '@latchkey/contracts';
import { IsBoolean, IsIn, Length } from 'class-validator';
import { RegisteredMembers } from '../../provisioning/client-metadata.js';
import {
  IsClientSecretHash,
  IsScopeName,
  IsTimestamp,
  IsVschar,
  Optional,
} from '../../provisioning/configuration-validators.js';
import { ToBoolean } from '../common/to-boolean.js';

export class ClientRequest extends RegisteredMembers {
  @IsVschar()
  @Length(1, 255)
  client_id!: string;
}

export class NewClientRequest extends ClientRequest {
  @Optional()
  @IsVschar()
  @Length(1, 1024)
  client_secret?: string;

  @Optional()
  @IsClientSecretHash()
  client_secret_hash?: string;

  @Optional()
  @IsBoolean()
  enabled?: boolean;
}

export class NewSecretRequest {
  @Optional()
  @IsVschar()
  @Length(1, 1024)
  client_secret?: string;

  @Optional()
  @IsClientSecretHash()
  client_secret_hash?: string;

  /** When it ends; absent: never. */
  @Optional()
  @IsTimestamp()
  expires_at?: string;

  /** When the secrets that there are end at the latest. */
  @Optional()
  @IsTimestamp()
  expire_others_at?: string;
}

export class SecretDeletionRequest {
  /** Also when no other secret is left, so that the client can authenticate no more. */
  @Optional()
  @ToBoolean()
  @IsBoolean({ message: 'must be true or false' })
  force?: boolean;
}

export class ClientListRequest extends NamePageRequest {
  /** The whole name; several clients may have it. */
  @Optional()
  @IsText({ min: 1, max: 255 })
  client_name?: string;

  /** How the `client_id` begins. */
  @Optional()
  @IsVschar()
  @Length(1, 255)
  prefix?: string;

  /** A scope that it may ask for. */
  @Optional()
  @IsScopeName()
  scope?: string;

  @Optional()
  @IsIn(GRANT_TYPES)
  grant_type?: GrantType;

  @Optional()
  @ToBoolean()
  @IsBoolean({ message: 'must be true or false' })
  enabled?: boolean;
}

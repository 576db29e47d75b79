import { IsAddress, IsList, IsText, NamePageRequest } from '@latchkey/platform/http';
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
import { IsScope, IsVschar, Optional } from '../../provisioning/configuration-validators.js';
import { GROUP_LIMITS } from '../../users/user.js';
import { ToBoolean } from '../common/to-boolean.js';

/** Users that one request imports. */
const MAX_IMPORT = 1000;

export class PasswordRequest {
  @Optional()
  @IsText({ min: 1, max: 1024 })
  password?: string;

  /** A hash of another system, in a form that the configuration reference lists. */
  @Optional()
  @IsText({ min: 1, max: 2048 })
  password_hash?: string;

  /** The password opens nothing but the self-service until it is changed. */
  @Optional()
  @IsBoolean()
  password_change_required?: boolean;
}

export class NewUserRequest extends PasswordRequest {
  @IsText({ min: 1, max: 255 })
  username!: string;

  @Optional()
  @IsVschar()
  @Length(1, 255)
  sub?: string;

  @Optional()
  @IsList(GROUP_LIMITS)
  @IsText({ min: 1, max: 255 }, { each: true })
  groups?: string[];

  @Optional()
  @IsScope()
  allowed_scope?: string;

  @Optional()
  @IsBoolean()
  enabled?: boolean;
}

export class UserChangeRequest {
  /** `sub` and all sessions stay. */
  @Optional()
  @IsText({ min: 1, max: 255 })
  username?: string;

  @Optional()
  @IsList(GROUP_LIMITS)
  @IsText({ min: 1, max: 255 }, { each: true })
  groups?: string[];

  @Optional()
  @IsScope()
  allowed_scope?: string;

  @Optional()
  @IsBoolean()
  password_change_required?: boolean;
}

export class UserImportRequest {
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(MAX_IMPORT)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => NewUserRequest)
  users!: NewUserRequest[];

  /** Leave users as they are whose name exists; otherwise they are a conflict. */
  @Optional()
  @IsBoolean()
  skip_existing?: boolean;
}

export class UnlockRequest {
  /** A place that the user has logged in from before: its attempts are counted apart. */
  @Optional()
  @IsAddress()
  address?: string;
}

export class UserListRequest extends NamePageRequest {
  @Optional()
  @IsText({ min: 1, max: 255 })
  username?: string;

  /** How the user name begins. */
  @Optional()
  @IsText({ min: 1, max: 255 })
  prefix?: string;

  @Optional()
  @IsText({ min: 1, max: 255 })
  group?: string;

  @Optional()
  @ToBoolean()
  @IsBoolean({ message: 'must be true or false' })
  enabled?: boolean;
}

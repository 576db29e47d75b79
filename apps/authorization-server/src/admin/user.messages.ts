import { IsAddress, IsText, NamePageRequest } from '@latchkey/platform/http';
import {
  BOOLEAN,
  INTEGER,
  listOf,
  named,
  nullable,
  objectSchema,
  oneOf,
  TEXT,
  TIMESTAMP,
  type TypeOf,
} from '@latchkey/platform/openapi';
import { IsBoolean, Length } from 'class-validator';
import type { AccountDelay } from '../throttling/login-delays.js';
import { THROTTLED_FACTORS } from '../throttling/throttle-keys.js';
import { withRules } from '../fields/field-rules.js';
import { schemasOf } from '../fields/field-schemas.js';
import { IsListOf, IsVschar, Optional } from '../fields/validators.js';
import { userFields, type StoredUser } from '../users/user.js';
import { USER_FIELDS } from '../users/user-fields.js';
import { time, optionalTime, QueryFlag } from './wire.js';

/** Maximum number of users in one import request. */
const MAX_IMPORT = 1000;

export class PasswordRequest {
  @Optional()
  @IsText({ min: 1, max: 1024 })
  password?: string;

  /** A hash of another system, in a form that is listed in the configuration reference. */
  @Optional()
  @IsText({ min: 1, max: 2048 })
  password_hash?: string;

  /** Until the user changes the password, it only gives access to the self-service. */
  @Optional()
  @IsBoolean()
  password_change_required?: boolean;
}

export class NewUserRequest extends withRules(USER_FIELDS, PasswordRequest) {
  @IsText({ min: 1, max: 255 })
  username!: string;

  @Optional()
  @IsVschar()
  @Length(1, 255)
  sub?: string;

  /** A TOTP secret of another system: base32, or an otpauth URI. */
  @Optional()
  @IsText({ min: 1, max: 1024 })
  totp_secret?: string;

  @Optional()
  @IsBoolean()
  enabled?: boolean;
}

export class UserChangeRequest extends withRules(USER_FIELDS) {
  /** A new name; `sub` and all sessions stay. */
  @Optional()
  @IsText({ min: 1, max: 255 })
  username?: string;

  @Optional()
  @IsBoolean()
  password_change_required?: boolean;
}

export class UserImportRequest {
  @IsListOf(() => NewUserRequest, { max: MAX_IMPORT, isFilled: true })
  users!: NewUserRequest[];

  /** Skip users whose name exists; otherwise they are a conflict. */
  @Optional()
  @IsBoolean()
  skip_existing?: boolean;
}

export class UnlockRequest {
  /** An address from which the user has logged in before; its attempts are counted separately. */
  @Optional()
  @IsAddress()
  address?: string;
}

export class UserListRequest extends NamePageRequest {
  @Optional()
  @IsText({ min: 1, max: 255 })
  username?: string;

  /** Prefix of the user name. */
  @Optional()
  @IsText({ min: 1, max: 255 })
  prefix?: string;

  @Optional()
  @IsText({ min: 1, max: 255 })
  group?: string;

  @QueryFlag()
  enabled?: boolean;

  @QueryFlag()
  has_second_factor?: boolean;
}

/** Until then, logins from these sources are answered like a wrong password or code, because too many have failed. */
const THROTTLED = named(
  'Throttled',
  objectSchema({
    sources: oneOf('unknown_addresses', 'without_address'),
    // The second factor whose failures are counted; `null`: the password.
    factor: nullable(oneOf(...THROTTLED_FACTORS)),
    reason: oneOf('failed_logins'),
    failed_logins: INTEGER,
    last_failed_at: TIMESTAMP,
    until: TIMESTAMP,
  }),
);

/** A resource owner without the password. */
export const USER = named(
  'User',
  objectSchema(
    {
      sub: TEXT,
      username: TEXT,
      ...schemasOf(USER_FIELDS),
      // Whether logins can require one.
      has_second_factor: BOOLEAN,
      password_change_required: BOOLEAN,
      enabled: BOOLEAN,
      // With a password.
      last_login_at: nullable(TIMESTAMP),
      created_at: TIMESTAMP,
      updated_at: TIMESTAMP,
    },
    {
      // Warnings about the password hash in the request.
      warnings: listOf(TEXT),
      // Delayed logins, if the request asks for them.
      throttled: listOf(THROTTLED),
    },
  ),
);

export const USER_IMPORT = named(
  'UserImport',
  objectSchema({ imported: INTEGER }, { skipped: INTEGER, warnings: listOf(TEXT) }),
);

export type UserResponse = TypeOf<typeof USER>;
export type UserImportResponse = TypeOf<typeof USER_IMPORT>;

export function toUserResponse({ user, lastLoginAt, createdAt, updatedAt }: StoredUser): UserResponse {
  return {
    sub: user.sub,
    username: user.username,
    ...userFields(user),
    has_second_factor: user.hasSecondFactor,
    password_change_required: user.passwordChangeRequired,
    enabled: user.enabled,
    last_login_at: optionalTime(lastLoginAt),
    created_at: time(createdAt),
    updated_at: time(updatedAt),
  };
}

export function toThrottledResponse({
  sources,
  factor,
  failures,
  lastAt,
  until,
}: AccountDelay): TypeOf<typeof THROTTLED> {
  return {
    sources,
    factor,
    reason: 'failed_logins',
    failed_logins: failures,
    last_failed_at: time(lastAt),
    until: time(until),
  };
}

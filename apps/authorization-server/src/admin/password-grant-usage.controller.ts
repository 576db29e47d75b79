import { Get } from '@nestjs/common';
import { NamePageRequest, toNamePageResponse, type PageResponse } from '@latchkey/platform/http';
import {
  BOOLEAN,
  DATE,
  Describe,
  INTEGER,
  named,
  nullable,
  objectSchema,
  pageOf,
  TEXT,
  TIMESTAMP,
  type TypeOf,
} from '@latchkey/platform/openapi';
import { IsTimestamp, Optional } from '../fields/validators.js';
import {
  PasswordGrantUsage,
  type ClientPasswordUsage,
  type UserPasswordUsage,
} from '../users/password-grant-usage.js';
import { Administers } from './administers.decorator.js';
import { Problem } from './problem.js';
import { StrictQuery } from './strict-input.js';
import { PathName, time, QueryFlag } from './wire.js';

class UsageRequest extends NamePageRequest {
  /** Leaves out clients and users without a login since then (RFC 3339). */
  @Optional()
  @IsTimestamp()
  since?: string;
}

class UserUsageRequest extends UsageRequest {
  @QueryFlag()
  enabled?: boolean;

  @QueryFlag()
  has_second_factor?: boolean;
}

const CLIENT_USAGE = named(
  'ClientUsage',
  objectSchema({
    client_id: TEXT,
    client_name: TEXT,
    enabled: BOOLEAN,
    password_grant_until: nullable(DATE),
    users: INTEGER,
    // Only enabled users count.
    without_second_factor: INTEGER,
    logins: INTEGER,
    last_login_at: TIMESTAMP,
  }),
);

const USER_USAGE = named(
  'UserUsage',
  objectSchema({ sub: TEXT, username: TEXT, logins: INTEGER, last_login_at: TIMESTAMP }),
);

type ClientUsageResponse = TypeOf<typeof CLIENT_USAGE>;
type UserUsageResponse = TypeOf<typeof USER_USAGE>;

/** Who still uses the password grant, and so has to migrate before it can be switched off. */
@Administers('clients', 'password-grant-usage')
export class AdminPasswordGrantUsageController {
  constructor(private readonly usage: PasswordGrantUsage) {}

  @Get()
  @Describe('Lists the clients that use the password grant, the latest login first', {
    answer: pageOf(CLIENT_USAGE),
  })
  async listPasswordGrantClients(
    @StrictQuery(UsageRequest) { limit, cursor, since }: UsageRequest,
  ): Promise<PageResponse<ClientUsageResponse>> {
    const page = { limit, after: checkedCursor(cursor, /^\d{16} \d{16}$/) };
    return toNamePageResponse(await this.usage.clients(page, filterOf(since)), toClientUsage);
  }

  @Get(':client_id/users')
  @Describe('Lists the users who log in through a client with their password', {
    answer: pageOf(USER_USAGE),
    refusals: { 404: 'No client can have such a name; one that does not exist has no users' },
  })
  async listPasswordGrantUsers(
    @PathName('client_id') clientId: string,
    @StrictQuery(UserUsageRequest) { limit, cursor, since, ...request }: UserUsageRequest,
  ): Promise<PageResponse<UserUsageResponse>> {
    const page = { limit, after: checkedCursor(cursor, /^\d{1,15}$/) };
    const { enabled, has_second_factor: hasSecondFactor } = request;
    const filter = { ...filterOf(since), enabled, hasSecondFactor };
    return toNamePageResponse(await this.usage.users(clientId, page, filter), toUserUsage);
  }
}

function checkedCursor(cursor: string | undefined, form: RegExp): string | null {
  if (cursor === undefined) return null;
  if (form.test(cursor)) return cursor;
  throw Problem.invalid([{ field: 'cursor', problem: 'must be a next_cursor of this list' }]);
}

function filterOf(since: string | undefined) {
  return since === undefined ? {} : { since: Date.parse(since) };
}

function toClientUsage(usage: ClientPasswordUsage): ClientUsageResponse {
  return {
    client_id: usage.clientId,
    client_name: usage.clientName,
    enabled: usage.enabled,
    password_grant_until: usage.passwordGrantUntil,
    users: usage.users,
    without_second_factor: usage.withoutSecondFactor,
    logins: usage.logins,
    last_login_at: time(usage.lastLoginAt),
  };
}

function toUserUsage({ sub, username, logins, lastLoginAt }: UserPasswordUsage): UserUsageResponse {
  return { sub, username, logins, last_login_at: time(lastLoginAt) };
}

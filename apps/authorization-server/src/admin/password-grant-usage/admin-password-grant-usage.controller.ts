import { Get } from '@nestjs/common';
import { NamePageRequest, toNamePageResponse, type PageResponse } from '@latchkey/platform/http';
import { IsTimestamp, Optional } from '../../provisioning/configuration-validators.js';
import {
  PasswordGrantUsage,
  type ClientPasswordUsage,
  type UserPasswordUsage,
} from '../../password-grant-usage/password-grant-usage.js';
import { Administers } from '../common/administers.decorator.js';
import { PathName } from '../common/path-name.js';
import { Problem } from '../common/problem.js';
import { Query } from '../common/strict-input.js';
import { time } from '../common/times.js';

export class UsageRequest extends NamePageRequest {
  /** Leaves out whoever has not logged in since (RFC 3339). */
  @Optional()
  @IsTimestamp()
  since?: string;
}

export interface ClientUsageResponse {
  client_id: string;
  client_name: string;
  enabled: boolean;
  password_grant_until: string | null;
  users: number;
  logins: number;
  last_login_at: string;
}

export interface UserUsageResponse {
  sub: string;
  username: string;
  logins: number;
  last_login_at: string;
}

/** Who still uses the password grant: what has to move before it can be switched off. */
@Administers('clients', 'password-grant-usage')
export class AdminPasswordGrantUsageController {
  constructor(private readonly usage: PasswordGrantUsage) {}

  /** The clients, the latest login first. */
  @Get()
  async clients(
    @Query(UsageRequest) { limit, cursor, since }: UsageRequest,
  ): Promise<PageResponse<ClientUsageResponse>> {
    const page = { limit, after: checkedCursor(cursor, /^\d{16} \d{16}$/) };
    return toNamePageResponse(await this.usage.clients(page, filterOf(since)), toClientUsage);
  }

  /** The users of one client. */
  @Get(':client_id/users')
  async users(
    @PathName('client_id') clientId: string,
    @Query(UsageRequest) { limit, cursor, since }: UsageRequest,
  ): Promise<PageResponse<UserUsageResponse>> {
    const page = { limit, after: checkedCursor(cursor, /^\d{1,15}$/) };
    return toNamePageResponse(await this.usage.users(clientId, page, filterOf(since)), toUserUsage);
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
    logins: usage.logins,
    last_login_at: time(usage.lastLoginAt),
  };
}

function toUserUsage({ sub, username, logins, lastLoginAt }: UserPasswordUsage): UserUsageResponse {
  return { sub, username, logins, last_login_at: time(lastLoginAt) };
}

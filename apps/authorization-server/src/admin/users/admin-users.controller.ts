import { Delete, Get, HttpCode, Patch, Post, Put, Res } from '@nestjs/common';
import { ScopeSet } from '@latchkey/contracts';
import { parseAddress, toNamePageResponse, type PageResponse } from '@latchkey/platform/http';
import type { FastifyReply } from 'fastify';
import { canonicalUsername, USERNAME_RULE } from '../../users/username.js';
import { Administers } from '../common/administers.decorator.js';
import { CurrentAdministrator, type Administrator } from '../common/administrator.js';
import { entityTag, IfMatch } from '../common/entity-tag.js';
import { PathName } from '../common/path-name.js';
import { Problem } from '../common/problem.js';
import { Body, checked, Query, RawBody } from '../common/strict-input.js';
import { AdminUserCreationService } from './admin-user-creation.service.js';
import { AdminUsersService } from './admin-users.service.js';
import { GivenPasswords } from './given-passwords.service.js';
import {
  NewUserRequest,
  PasswordRequest,
  UnlockRequest,
  UserChangeRequest,
  UserImportRequest,
  UserListRequest,
} from './user.requests.js';
import { toThrottledResponse, toUserResponse, type UserResponse } from './user.response.js';
import type { StoredUser } from '../../users/user.js';

@Administers('users', 'users')
export class AdminUsersController {
  constructor(
    private readonly users: AdminUsersService,
    private readonly creation: AdminUserCreationService,
    private readonly passwords: GivenPasswords,
  ) {}

  @Get()
  async list(
    @Query(UserListRequest) { limit, cursor, username, prefix, ...filter }: UserListRequest,
  ): Promise<PageResponse<UserResponse>> {
    const names = { username: canonical(username), prefix: canonical(prefix) };
    // Nobody can have such a name.
    if (names.username === null || names.prefix === null) return { data: [], next_cursor: null };
    const { username: exactly, prefix: beginning } = names;
    const page = await this.users.list(
      { ...filter, username: exactly, prefix: beginning },
      limit,
      cursor ?? null,
    );
    return toNamePageResponse(page, toUserResponse);
  }

  @Post()
  async create(
    @Body(NewUserRequest) request: NewUserRequest,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserResponse> {
    const [stored] = await this.creation.create([request], () => '', administrator);
    if (stored === undefined) throw new Error('The user is not there after it was stored');
    void reply.header('location', `/admin/users/${encodeURIComponent(stored.user.sub)}`);
    return { ...answer(reply, stored), ...this.passwords.warningsOf(request) };
  }

  /** All of them, or none; of those that may be skipped, the ones whose name does not exist. */
  @Post('import')
  async import(
    @Body(UserImportRequest) { users, skip_existing: skipExisting = false }: UserImportRequest,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<{ imported: number; skipped?: number; warnings?: string[] }> {
    const place = (index: number) => `users[${index}].`;
    const { length } = await this.creation.create(users, place, administrator, skipExisting);
    const skipped = skipExisting && { skipped: users.length - length };
    return { imported: length, ...skipped, ...this.passwords.warningsOf(...users) };
  }

  @Get(':sub')
  async find(
    @PathName('sub') sub: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserResponse> {
    const stored = await this.users.find(sub);
    const throttled = (await this.users.delaysOf(stored)).map(toThrottledResponse);
    return { ...answer(reply, stored), throttled };
  }

  @Patch(':sub')
  async patch(
    @PathName('sub') sub: string,
    @IfMatch() ifMatch: string,
    @RawBody() patch: object,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserResponse> {
    const request = checked(UserChangeRequest, patch);
    const isNull = (name: string): boolean => (patch as Record<string, unknown>)[name] === null;
    const { groups, allowed_scope: allowedScope, password_change_required: required } = request;
    const username = canonical(request.username);
    if (username === null || isNull('username')) {
      throw Problem.invalid([{ field: 'username', problem: USERNAME_RULE }]);
    }
    const change = {
      ...(username !== undefined && { username }),
      ...(groups !== undefined && { groups }),
      ...(isNull('groups') && { groups: [] }),
      ...(allowedScope !== undefined && { allowedScope: ScopeSet.parse(allowedScope) }),
      ...(isNull('allowed_scope') && { allowedScope: null }),
      passwordChangeRequired: isNull('password_change_required') ? false : required,
    };
    return answer(reply, await this.users.change(sub, ifMatch, change, administrator));
  }

  @Put(':sub/password')
  @HttpCode(200)
  async setPassword(
    @PathName('sub') sub: string,
    @Body(PasswordRequest) request: PasswordRequest,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserResponse> {
    const { user } = await this.users.find(sub);
    const problems = await this.passwords.problemsOf(request, user.username);
    if (problems.length > 0) throw Problem.invalid(problems);
    const hash = await this.passwords.hashOf(request, administrator);
    const { password_change_required: changeRequired = false } = request;
    const changed = await this.users.setPasswordHash(sub, hash, changeRequired, administrator);
    return { ...answer(reply, changed), ...this.passwords.warningsOf(request) };
  }

  /** Ends all sessions of the user at once, and for good. */
  @Post(':sub/disable')
  @HttpCode(200)
  async disable(
    @PathName('sub') sub: string,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserResponse> {
    return answer(reply, await this.users.setEnabled(sub, false, administrator));
  }

  @Post(':sub/enable')
  @HttpCode(200)
  async enable(
    @PathName('sub') sub: string,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserResponse> {
    return answer(reply, await this.users.setEnabled(sub, true, administrator));
  }

  @Post(':sub/unlock')
  @HttpCode(200)
  async unlock(
    @PathName('sub') sub: string,
    @Body(UnlockRequest) { address }: UnlockRequest,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserResponse> {
    return answer(reply, await this.users.unlock(sub, parseAddress(address ?? ''), administrator));
  }

  @Delete(':sub')
  @HttpCode(204)
  async delete(
    @PathName('sub') sub: string,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<void> {
    await this.users.delete(sub, administrator);
  }
}

function canonical(name: string | undefined): string | null | undefined {
  return name === undefined ? undefined : canonicalUsername(name);
}

function answer(reply: FastifyReply, stored: StoredUser): UserResponse {
  void reply.header('etag', entityTag({ key: stored.user.key, version: stored.version }));
  return toUserResponse(stored);
}

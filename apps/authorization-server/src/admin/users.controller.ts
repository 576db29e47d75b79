import { Delete, Get, HttpCode, Patch, Post, Put, Res } from '@nestjs/common';
import { parseAddress, toNamePageResponse, type PageResponse } from '@latchkey/platform/http';
import { Describe, pageOf } from '@latchkey/platform/openapi';
import type { FastifyReply } from 'fastify';
import { patchedFields } from '../fields/field.js';
import type { StoredUser } from '../users/user.js';
import { USER_FIELDS } from '../users/user-fields.js';
import { canonicalUsername, USERNAME_RULE } from '../users/username.js';
import { Administers } from './administers.decorator.js';
import { CurrentAdministrator, type Administrator } from './administrator.js';
import { entityTag, IfMatch } from './entity-tag.js';
import { Problem } from './problem.js';
import { checked, MergePatch, OptionalStrictBody, StrictBody, StrictQuery } from './strict-input.js';
import { AdminUserCreationService } from './user-creation.service.js';
import { AdminUsersService } from './users.service.js';
import { GivenPasswords } from './given-passwords.service.js';
import {
  NewUserRequest,
  PasswordRequest,
  toThrottledResponse,
  toUserResponse,
  UnlockRequest,
  USER,
  USER_IMPORT,
  UserChangeRequest,
  UserImportRequest,
  UserListRequest,
  type UserImportResponse,
  type UserResponse,
} from './user.messages.js';
import { PathName } from './wire.js';

const CONFLICT = { 409: 'The user name or sub is taken' };

@Administers('users', 'users')
export class AdminUsersController {
  constructor(
    private readonly users: AdminUsersService,
    private readonly creation: AdminUserCreationService,
    private readonly passwords: GivenPasswords,
  ) {}

  @Get()
  @Describe('Lists users by name', { answer: pageOf(USER) })
  async listUsers(
    @StrictQuery(UserListRequest) request: UserListRequest,
  ): Promise<PageResponse<UserResponse>> {
    const { limit, cursor, username, prefix, has_second_factor: hasSecondFactor, ...filter } = request;
    const names = { username: canonical(username), prefix: canonical(prefix) };
    // Invalid names match no user.
    if (names.username === null || names.prefix === null) return { data: [], next_cursor: null };
    const criteria = { ...filter, hasSecondFactor, username: names.username, prefix: names.prefix };
    const page = await this.users.list(criteria, limit, cursor ?? null);
    return toNamePageResponse(page, toUserResponse);
  }

  @Post()
  @Describe('Creates a user, with a password or a hash of one', {
    answer: USER,
    example: { username: 'erin', password: 'a lantern in the fog', groups: ['staff'] },
    refusals: CONFLICT,
  })
  async createUser(
    @StrictBody(NewUserRequest) request: NewUserRequest,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserResponse> {
    const [stored] = await this.creation.create([request], () => '', administrator);
    if (stored === undefined) throw new Error('The user is not there after it was stored');
    void reply.header('location', `/admin/users/${encodeURIComponent(stored.user.sub)}`);
    return { ...answer(reply, stored), ...this.passwords.warningsOf(request) };
  }

  @Post('import')
  @Describe('Creates users, all of them or none; `skip_existing` leaves out those whose name exists', {
    answer: USER_IMPORT,
    example: {
      users: [
        {
          username: 'frank',
          password_hash: '$2b$12$abcdefghijklmnopqrstuuPn6DhhM1j0FBTMqFgS2SVoRCGiSfg7W',
          groups: ['staff'],
        },
      ],
      skip_existing: true,
    },
    refusals: CONFLICT,
  })
  async importUsers(
    @StrictBody(UserImportRequest) { users, skip_existing: skipExisting = false }: UserImportRequest,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<UserImportResponse> {
    const place = (index: number) => `users[${index}].`;
    const { length } = await this.creation.create(users, place, administrator, skipExisting);
    const skipped = skipExisting && { skipped: users.length - length };
    return { imported: length, ...skipped, ...this.passwords.warningsOf(...users) };
  }

  @Get(':sub')
  @Describe('Reads a user', { answer: USER })
  async readUser(
    @PathName('sub') sub: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserResponse> {
    const stored = await this.users.find(sub);
    const throttled = (await this.users.delaysOf(stored)).map(toThrottledResponse);
    return { ...answer(reply, stored), throttled };
  }

  @Patch(':sub')
  @Describe('Changes members of a user (RFC 7396)', {
    answer: USER,
    example: { groups: ['staff', 'editors'], allowed_scope: null },
    refusals: CONFLICT,
  })
  async changeUser(
    @PathName('sub') sub: string,
    @IfMatch() ifMatch: string,
    @MergePatch(UserChangeRequest) patch: object,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserResponse> {
    const request = checked(UserChangeRequest, patch);
    const given = (name: string): boolean => Object.hasOwn(patch, name);
    const username = canonical(request.username);
    if (username === null || (username === undefined && given('username'))) {
      throw Problem.invalid([{ field: 'username', problem: USERNAME_RULE }]);
    }
    const change = {
      attributes: patchedFields(USER_FIELDS, patch, request),
      username,
      passwordChangeRequired: given('password_change_required')
        ? (request.password_change_required ?? false)
        : undefined,
    };
    return answer(reply, await this.users.change(sub, ifMatch, change, administrator));
  }

  @Put(':sub/password')
  @HttpCode(200)
  @Describe('Sets the password, which ends all sessions', {
    answer: USER,
    example: { password: 'a lantern in the fog', password_change_required: true },
  })
  async setUserPassword(
    @PathName('sub') sub: string,
    @StrictBody(PasswordRequest) request: PasswordRequest,
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

  @Post(':sub/disable')
  @HttpCode(200)
  @Describe('Disables a user and ends all sessions, for good', { answer: USER })
  async disableUser(
    @PathName('sub') sub: string,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserResponse> {
    return answer(reply, await this.users.setEnabled(sub, false, administrator));
  }

  @Post(':sub/enable')
  @HttpCode(200)
  @Describe('Enables a user', { answer: USER })
  async enableUser(
    @PathName('sub') sub: string,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserResponse> {
    return answer(reply, await this.users.setEnabled(sub, true, administrator));
  }

  @Post(':sub/unlock')
  @HttpCode(200)
  @Describe('Forgets wrong passwords, so that the next attempt need not wait', {
    answer: USER,
    example: { address: '203.0.113.9' },
  })
  async unlockUser(
    @PathName('sub') sub: string,
    @OptionalStrictBody(UnlockRequest) { address }: UnlockRequest,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserResponse> {
    return answer(reply, await this.users.unlock(sub, parseAddress(address ?? ''), administrator));
  }

  @Post(':sub/reset-factors')
  @HttpCode(200)
  @Describe('Removes all second factors and recovery codes of a user, and ends all sessions', {
    answer: USER,
  })
  async resetUserFactors(
    @PathName('sub') sub: string,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserResponse> {
    return answer(reply, await this.users.resetFactors(sub, administrator));
  }

  @Delete(':sub')
  @HttpCode(204)
  @Describe('Deletes a user')
  async deleteUser(
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

import { Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { IdPipe, IsText, PageRequest, toPageResponse, type PageResponse } from '@latchkey/platform/http';
import {
  Describe,
  INTEGER,
  listOf,
  named,
  nullable,
  objectSchema,
  oneOf,
  pageOf,
  SCOPES,
  TEXT,
  TIMESTAMP,
  type TypeOf,
} from '@latchkey/platform/openapi';
import { IsIn, Length } from 'class-validator';
import { type ListedAuthorization } from '../authorizations/authorization-list-repository.js';
import { AUTHORIZATION_STATES, type AuthorizationStateName } from '../authorizations/liveness.js';
import { IsVschar, Optional } from '../fields/validators.js';
import { Administers } from './administers.decorator.js';
import { CurrentAdministrator, type Administrator } from './administrator.js';
import { AdminAuthorizationsService } from './authorizations.service.js';
import { Problem } from './problem.js';
import { StrictBody, StrictQuery } from './strict-input.js';
import { optionalTime, time, QueryFlag } from './wire.js';

class AuthorizationListRequest extends PageRequest {
  /** A user name or a `sub`. */
  @Optional()
  @IsText({ min: 1, max: 255 })
  user?: string;

  @Optional()
  @IsVschar()
  @Length(1, 255)
  client_id?: string;

  @Optional()
  @IsIn(AUTHORIZATION_STATES)
  state?: AuthorizationStateName;

  /** Also those of clients that act on their own behalf (`client_credentials`). */
  @QueryFlag()
  include_client_credentials?: boolean;
}

/** Whose authorizations are ended: a user's or a client's. */
class RevocationRequest {
  /** A user name or a `sub`. */
  @Optional()
  @IsText({ min: 1, max: 255 })
  user?: string;

  @Optional()
  @IsVschar()
  @Length(1, 255)
  client_id?: string;
}

/** An authorization: who is logged in, through which client. It contains no part of a token. */
const AUTHORIZATION = named(
  'Authorization',
  objectSchema({
    id: TEXT,
    // `null`: a client on its own behalf, or the user was deleted.
    sub: nullable(TEXT),
    username: nullable(TEXT),
    // `null`: the client was deleted.
    client_id: nullable(TEXT),
    scope: SCOPES,
    audience: listOf(TEXT),
    created_at: TIMESTAMP,
    // The last login or refresh.
    last_used_at: TIMESTAMP,
    expires_at: TIMESTAMP,
    revoked_at: nullable(TIMESTAMP),
    // `null`: without a limit.
    refreshes_left: nullable(INTEGER),
    // Where the login came from.
    address: nullable(TEXT),
    state: oneOf(...AUTHORIZATION_STATES),
  }),
);

type AuthorizationResponse = TypeOf<typeof AUTHORIZATION>;

const Id = () => Param('id', new IdPipe(() => Problem.notFound('authorization')));

/** Lists and ends authorizations. */
@Administers('authorizations', 'authorizations')
export class AdminAuthorizationsController {
  constructor(private readonly authorizations: AdminAuthorizationsService) {}

  @Get()
  @Describe('Lists authorizations, newest first', { answer: pageOf(AUTHORIZATION) })
  async listAuthorizations(
    @StrictQuery(AuthorizationListRequest) request: AuthorizationListRequest,
  ): Promise<PageResponse<AuthorizationResponse>> {
    const { limit, cursor, user, client_id: clientId, state } = request;
    const withClientsOwn = request.include_client_credentials ?? false;
    const sub = user === undefined ? undefined : await this.authorizations.subOf(user);
    if (sub === null) return { data: [], next_cursor: null };
    const filter = { sub, clientId, state, withClientsOwn };
    const page = await this.authorizations.list(filter, limit, cursor ?? null);
    return toPageResponse(page, toAuthorizationResponse);
  }

  @Post('revoke')
  @HttpCode(204)
  @Describe('Ends all authorizations of a user, or all of a client', {
    example: { user: 'erin' },
    refusals: { 404: 'There is no such user or client' },
  })
  async revokeAuthorizations(
    @StrictBody(RevocationRequest) { user, client_id: clientId }: RevocationRequest,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<void> {
    if (user !== undefined && clientId === undefined) {
      return this.authorizations.revokeOfUser(user, administrator);
    }
    if (clientId !== undefined && user === undefined) {
      return this.authorizations.revokeOfClient(clientId, administrator);
    }
    const problem = 'exactly one of user and client_id is needed';
    throw Problem.invalid(['user', 'client_id'].map((field) => ({ field, problem })));
  }

  @Get(':id')
  @Describe('Reads an authorization', { answer: AUTHORIZATION })
  async readAuthorization(@Id() id: string): Promise<AuthorizationResponse> {
    return toAuthorizationResponse(await this.authorizations.find(id));
  }

  @Delete(':id')
  @HttpCode(204)
  @Describe('Ends an authorization')
  async revokeAuthorization(
    @Id() id: string,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<void> {
    await this.authorizations.revoke(id, administrator);
  }
}

function toAuthorizationResponse(listed: ListedAuthorization): AuthorizationResponse {
  const { id, sub, username, clientId, scope, audience, createdAt, rotatedAt, address, state } = listed;
  return {
    id,
    sub,
    username,
    client_id: clientId,
    scope: scope.toString(),
    audience,
    created_at: time(createdAt),
    last_used_at: time(rotatedAt ?? createdAt),
    expires_at: time(listed.expiresAt),
    revoked_at: optionalTime(listed.revokedAt),
    refreshes_left: listed.refreshesLeft,
    address,
    state,
  };
}

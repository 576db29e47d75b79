import { Injectable } from '@nestjs/common';
import { toScannedPage, type Page } from '@latchkey/platform/http';
import {
  AuthorizationListRepository,
  type AuthorizationFilter,
  type ListedAuthorization,
} from '../authorizations/authorization-list-repository.js';
import { AuthorizationsService } from '../authorizations/authorizations.service.js';
import { UserRepository } from '../users/user-repository.js';
import { canonicalUsername } from '../users/username.js';
import { UsersService } from '../users/users.service.js';
import { AdminClientsService } from './clients.service.js';
import { assertHoldsPowerOf, type Administrator } from './administrator.js';
import { Problem } from './problem.js';

/** Operations of administrators on authorizations. */
@Injectable()
export class AdminAuthorizationsService {
  constructor(
    private readonly repository: AuthorizationListRepository,
    private readonly authorizations: AuthorizationsService,
    private readonly clients: AdminClientsService,
    private readonly users: UsersService,
    private readonly userRepository: UserRepository,
  ) {}

  async list(
    filter: AuthorizationFilter,
    limit: number,
    before: string | null,
  ): Promise<Page<ListedAuthorization>> {
    const examined = await this.repository.list(filter, limit + 1, before);
    return toScannedPage(examined, limit, ({ id }) => id);
  }

  /** @throws Problem */
  async find(id: string): Promise<ListedAuthorization> {
    const found = await this.repository.find(id);
    if (found === null) throw Problem.notFound('authorization');
    return found;
  }

  /** The `sub` of a user who is named by user name or `sub`; `null` when there is none. */
  async subOf(user: string): Promise<string | null> {
    const username = canonicalUsername(user);
    const named = username === null ? null : await this.userRepository.findByUsername(username);
    return (named ?? (await this.userRepository.findBySub(user)))?.sub ?? null;
  }

  /** Ends one authorization. Idempotent. @throws Problem, BearerError */
  async revoke(id: string, administrator: Administrator): Promise<void> {
    const { sub, clientId, scope } = await this.find(id);
    assertHoldsPowerOf(administrator, scope);
    const subject = { sid: id, clientId: clientId ?? '', subject: sub ?? undefined };
    await this.authorizations.revoke(
      subject,
      'authorization_revoked',
      administrator.context,
      'administration',
    );
  }

  /** Ends all authorizations of a user, whatever their number. @throws Problem */
  async revokeOfUser(user: string, { context }: Administrator): Promise<void> {
    const sub = await this.subOf(user);
    if (sub === null) throw Problem.notFound('user');
    await this.users.endAuthorizations(sub, context);
  }

  /** Ends all authorizations of a client, whatever their number. @throws UnknownClientError, BearerError */
  revokeOfClient(clientId: string, administrator: Administrator): Promise<void> {
    return this.clients.endAuthorizations(clientId, administrator);
  }
}

import { Injectable } from '@nestjs/common';
import { toScannedPage, type Page } from '@latchkey/platform/http';
import type { OwnedAuthorization } from '../authorizations/authorization.js';
import { AuthorizationRepository } from '../authorizations/authorization-repository.js';
import { AuthorizationsService } from '../authorizations/authorizations.service.js';
import type { RequestContext } from '../oauth/common/request-context.js';

/** The logins of a resource owner, by the `sub` of a verified token. */
@Injectable()
export class AccountAuthorizationsService {
  constructor(
    private readonly repository: AuthorizationRepository,
    private readonly authorizations: AuthorizationsService,
  ) {}

  /** Live authorizations of the owner, newest first. */
  async list(sub: string, limit: number, before: string | null): Promise<Page<OwnedAuthorization>> {
    const examined = await this.repository.listLiveByOwner(sub, limit + 1, before);
    return toScannedPage(examined, limit, ({ id }) => id);
  }

  /** @returns false when the owner has no such live authorization */
  async revoke(sub: string, id: string, context: RequestContext): Promise<boolean> {
    const state = await this.repository.find(id);
    if (state?.owner?.sub !== sub || state.authorization.revokedAt !== null) return false;
    const subject = { sid: id, clientId: state.client?.clientId ?? '', subject: sub };
    await this.authorizations.revoke(subject, 'authorization_revoked', { actor: sub, ...context });
    return true;
  }
}

import { Injectable } from '@nestjs/common';
import { Database } from '@latchkey/platform';
import type { AuditEvent } from '../../../audit/audit-event.js';
import { AuditLog } from '../../../audit/audit-log.js';
import type { Authorization } from '../../../authorizations/authorization.js';
import type { NewAuthorization } from '../../../authorizations/authorization-repository.js';
import { AuthorizationsService } from '../../../authorizations/authorizations.service.js';
import type { Client } from '../../../clients/client.js';
import type { User } from '../../../users/user.js';
import type { AuthenticationResult } from '../../../users/user-authenticator.js';
import type { RequestContext } from '../../common/request-context.js';

/** Stores the outcome of a login with its audit event. */
@Injectable()
export class LoginRecorder {
  constructor(
    private readonly database: Database,
    private readonly authorizations: AuthorizationsService,
    private readonly audit: AuditLog,
  ) {}

  recordSuccess(
    authorization: NewAuthorization,
    { clientId }: Client,
    { sub }: User,
    context: RequestContext,
  ): Promise<Authorization> {
    return this.authorizations.begin(authorization, loginEvent('success', clientId, sub, context));
  }

  async recordFailure(
    { clientId }: Client,
    { reason, subject }: AuthenticationResult & { user: null },
    context: RequestContext,
  ): Promise<void> {
    const event = { ...loginEvent('failure', clientId, subject, context), detail: { reason } };
    await this.database.write(() => this.audit.count(event));
  }
}

function loginEvent(
  outcome: AuditEvent['outcome'],
  clientId: string,
  subject: string,
  context: RequestContext,
): AuditEvent {
  return { kind: 'login', outcome, actor: clientId, clientId, subject, ...context };
}

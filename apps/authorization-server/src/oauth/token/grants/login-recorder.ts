import { Injectable } from '@nestjs/common';
import { Database, type Step } from '@latchkey/platform';
import type { AuditEvent } from '../../../audit/audit-event.js';
import { AuditLog } from '../../../audit/audit-log.js';
import type { Authorization } from '../../../authorizations/authorization.js';
import type { NewAuthorization } from '../../../authorizations/authorization-repository.js';
import { AuthorizationsService } from '../../../authorizations/authorizations.service.js';
import type { Client } from '../../../clients/client.js';
import { LoginThrottle } from '../../../protection/login-throttle.js';
import type { AuthenticationFailure, AuthenticationSuccess } from '../../../users/user-authenticator.js';
import type { RequestContext } from '../../common/request-context.js';

/** Stores the outcome of a login: authorization, throttle and audit event together. */
@Injectable()
export class LoginRecorder {
  constructor(
    private readonly database: Database,
    private readonly authorizations: AuthorizationsService,
    private readonly throttle: LoginThrottle,
    private readonly audit: AuditLog,
  ) {}

  recordSuccess(
    authorization: NewAuthorization,
    { clientId }: Client,
    { user, reservation }: AuthenticationSuccess,
    context: RequestContext,
  ): Promise<Authorization> {
    const event = loginEvent('success', clientId, user.sub, context, authorization.address);
    return this.database.write(() => this.#succeed(authorization, event, reservation));
  }

  async recordFailure(
    { clientId }: Client,
    { reason, subject }: AuthenticationFailure,
    context: RequestContext,
    address: string | null,
  ): Promise<void> {
    const event = { ...loginEvent('failure', clientId, subject, context, address), detail: { reason } };
    await this.database.write(() => this.audit.count(event));
  }

  *#succeed(
    authorization: NewAuthorization,
    event: AuditEvent,
    reservation: AuthenticationSuccess['reservation'],
  ): Step<Authorization> {
    yield* this.throttle.succeed(reservation);
    return yield* this.authorizations.beginStep(authorization, event);
  }
}

function loginEvent(
  outcome: AuditEvent['outcome'],
  clientId: string,
  subject: string,
  { requestId }: RequestContext,
  address: string | null,
): AuditEvent {
  return { kind: 'login', outcome, actor: clientId, clientId, subject, requestId, address };
}

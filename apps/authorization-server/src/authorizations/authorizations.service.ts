import { Injectable } from '@nestjs/common';
import { Database, newId, type IndependentSteps, type Step, type WorkClass } from '@latchkey/platform';
import type { AuditContext, AuditEvent } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import type { Authorization } from './authorization.js';
import { AuthorizationRepository, type NewAuthorization } from './authorization-repository.js';

/** Why an authorization is ended before its time. */
export type RevocationKind = 'authorization_revoked' | 'refresh_token_reuse' | 'rollback_detected';

export interface RevocationSubject {
  readonly sid: string;
  readonly clientId: string;
  /** The `sub`, if the user still exists. */
  readonly subject: string | undefined;
}

/** Begins and ends authorizations, each with its audit event in the same transaction. */
@Injectable()
export class AuthorizationsService {
  constructor(
    private readonly database: Database,
    private readonly authorizations: AuthorizationRepository,
    private readonly audit: AuditLog,
  ) {}

  begin(authorization: NewAuthorization, event: AuditEvent): Promise<Authorization> {
    return this.database.writeTogether(() => this.beginning(authorization, event));
  }

  revoke(
    { sid, clientId, subject }: RevocationSubject,
    kind: RevocationKind,
    context: AuditContext,
    workClass?: WorkClass,
  ): Promise<void> {
    const event: AuditEvent = {
      ...context,
      kind,
      outcome: kind === 'authorization_revoked' ? 'success' : 'failure',
      clientId,
      sid,
      ...(subject !== undefined && { subject }),
    };
    return this.database.write(() => this.#revoke(sid, event), workClass);
  }

  /** For where more than the authorization is stored at once. */
  beginning(authorization: NewAuthorization, event: AuditEvent): IndependentSteps<Authorization> {
    const sid = newId();
    return [this.audit.record({ ...event, sid }), this.authorizations.insert(sid, authorization)];
  }

  *#revoke(sid: string, event: AuditEvent): Step<void> {
    const revoked = yield* this.authorizations.revoke(sid);
    if (revoked) yield* this.audit.record(event);
  }
}

import { Injectable } from '@nestjs/common';
import { Database, newId, type IndependentStatements, type WorkClass } from '@latchkey/platform/database';
import type { AuditContext, AuditEvent } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import type { Authorization } from './authorization.js';
import { AuthorizationRepository, type NewAuthorization } from './authorization-repository.js';

/** Why an authorization is ended before it expires. */
type RevocationKind = 'authorization_revoked' | 'refresh_token_reuse' | 'rollback_detected';

interface RevocationSubject {
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

  create(authorization: NewAuthorization, event: AuditEvent): Promise<Authorization> {
    return this.database.writeTogether(this.createStatements(authorization, event, newId()));
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
    return this.database.transaction(async (tx) => {
      const revoked = await this.authorizations.revoke(tx, sid);
      if (revoked) await this.audit.record(tx, event);
    }, workClass);
  }

  /** For callers that store more in the same transaction. @param sid a new id */
  createStatements(
    authorization: NewAuthorization,
    event: AuditEvent,
    sid: string,
  ): IndependentStatements<Authorization> {
    return [
      this.audit.recordStatement({ ...event, sid }),
      this.authorizations.insertStatement(sid, authorization),
    ];
  }
}

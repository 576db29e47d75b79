import { Injectable } from '@nestjs/common';
import { Database, isStorageUnavailable, runInOrder } from '@latchkey/platform/database';
import type { AuditEvent } from '../../../audit/audit-event.js';
import { FailureCounts } from '../../../audit/failure-counts.js';
import type { Authorization } from '../../../authorizations/authorization.js';
import type { NewAuthorization } from '../../../authorizations/authorization-repository.js';
import { AuthorizationsService } from '../../../authorizations/authorizations.service.js';
import { LoginLimit } from '../../../authorizations/login-limit.js';
import type { Client } from '../../../clients/client.js';
import { LoginMetrics } from '../../../observability/login-metrics.js';
import { HashQueueFullError } from '../../../passwords/hash-queue.js';
import { PasswordGrantUsage } from '../../../users/password-grant-usage.js';
import { LoginThrottle } from '../../../protection/login-throttle.js';
import type { AuthenticationFailure, AuthenticationSuccess } from '../../../users/user-authenticator.js';
import type { RequestContext } from '../../common/request-context.js';

/** Stores the outcome of a login: authorization, throttle and audit event together. */
@Injectable()
export class LoginRecorder {
  constructor(
    private readonly database: Database,
    private readonly authorizations: AuthorizationsService,
    private readonly limit: LoginLimit,
    private readonly throttle: LoginThrottle,
    private readonly failures: FailureCounts,
    private readonly usage: PasswordGrantUsage,
    private readonly metrics: LoginMetrics,
  ) {}

  /** Counts a login that could not be judged, and lets its failure through. */
  recordUnjudged(error: unknown): never {
    if (error instanceof HashQueueFullError) this.metrics.queueFull();
    throw error;
  }

  async recordSuccess(
    authorization: NewAuthorization,
    { key: clientKey, clientId }: Client,
    { user, reservation }: AuthenticationSuccess,
    context: RequestContext,
  ): Promise<Authorization> {
    const event = loginEvent('success', clientId, user.sub, context, authorization.address);
    try {
      const statements = [
        ...this.throttle.success(reservation),
        this.usage.countStatement(user.key, clientKey),
        ...this.authorizations.createStatements(authorization, event),
      ] as const;
      if (!this.limit.isOn) return await this.database.writeTogether(statements);
      return await this.database.transaction((tx) =>
        this.limit.keep(tx, user, () => runInOrder(tx, statements), event),
      );
    } catch (error) {
      // Without the database, the place is free when its lease is over.
      if (!isStorageUnavailable(error)) await this.throttle.release(reservation);
      throw error;
    }
  }

  recordFailure(
    { clientId }: Client,
    { reason, subject, reservation }: AuthenticationFailure,
    context: RequestContext,
    address: string | null,
  ): Promise<void> {
    const event = { ...loginEvent('failure', clientId, subject, context, address), detail: { reason } };
    return this.failures.count(event, this.throttle.failed(reservation));
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

import { Inject, Injectable } from '@nestjs/common';
import {
  Database,
  newId,
  runInOrder,
  type IndependentStatements,
  type Transaction,
} from '@latchkey/platform/database';
import type { Logger } from 'pino';
import type { AuditEvent } from '../../../audit/audit-event.js';
import { FailureCounts } from '../../../audit/failure-counts.js';
import type { Authorization } from '../../../authorizations/authorization.js';
import type { NewAuthorization } from '../../../authorizations/authorization-repository.js';
import { AuthorizationsService } from '../../../authorizations/authorizations.service.js';
import { LoginLimit } from '../../../authorizations/login-limit.js';
import type { Client } from '../../../clients/client.js';
import { LOGGER } from '../../../config/config.token.js';
import { LoginMetrics } from '../../../observability/login-metrics.js';
import { HashQueueFullError } from '../../../passwords/hash-queue.js';
import { PasswordGrantUsage } from '../../../users/password-grant-usage.js';
import { LoginThrottle } from '../../../throttling/login-throttle.js';
import type { User } from '../../../users/user.js';
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
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Counts a login whose credentials were not checked, and rethrows its error. */
  recordNotEvaluated(error: unknown): never {
    if (error instanceof HashQueueFullError) this.metrics.queueFull();
    throw error;
  }

  /** A login that waits for a second factor. An attacker who has the password ends here, so the log says whose it is. */
  recordFactorAsked(
    { clientId }: Client,
    { sub }: User,
    { requestId }: RequestContext,
    address: string | null,
  ): void {
    this.metrics.factorAsked();
    this.logger.info(
      {
        event: 'login',
        outcome: 'factor_asked',
        client_id: clientId,
        subject: sub,
        address,
        request_id: requestId,
      },
      'a second factor is asked for',
    );
  }

  async recordSuccess(
    authorization: NewAuthorization,
    client: Client,
    success: AuthenticationSuccess,
    context: RequestContext,
  ): Promise<Authorization> {
    const { user, reservation } = success;
    const event = loginEvent('success', client.clientId, user.sub, context, authorization.address);
    return this.throttle.releaseOnFailure(reservation, async () => {
      const statements = this.#statements(authorization, client, success, event, newId());
      if (!this.limit.isOn) return this.database.writeTogether(statements);
      return this.database.transaction((tx) =>
        this.limit.keep(tx, user, () => runInOrder(tx, statements), event),
      );
    });
  }

  /**
   * The same, and spends a second factor in the same transaction.
   *
   * @param spend receives the id of the authorization; if it throws, nothing is stored
   */
  recordProven(
    authorization: NewAuthorization,
    client: Client,
    success: AuthenticationSuccess,
    context: RequestContext,
    spend: (tx: Transaction, sid: string) => Promise<void>,
  ): Promise<Authorization> {
    const { user } = success;
    const event = loginEvent('success', client.clientId, user.sub, context, authorization.address);
    const sid = newId();
    const statements = this.#statements(authorization, client, success, event, sid);
    return this.database.transaction(async (tx) => {
      await spend(tx, sid);
      const create = () => runInOrder(tx, statements);
      return this.limit.isOn ? this.limit.keep(tx, user, create, event) : create();
    });
  }

  #statements(
    authorization: NewAuthorization,
    { key: clientKey }: Client,
    { user, reservation }: AuthenticationSuccess,
    event: AuditEvent,
    sid: string,
  ): IndependentStatements<Authorization> {
    return [
      ...this.throttle.success(reservation),
      this.usage.countStatement(user.key, clientKey),
      ...this.authorizations.createStatements(authorization, event, sid),
    ];
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

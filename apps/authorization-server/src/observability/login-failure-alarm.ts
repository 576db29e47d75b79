import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { Gauge, Registry } from 'prom-client';
import { AuditLog } from '../audit/audit-log.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG, LOGGER } from '../config/config.token.js';
import { FailureRates, type Alarm } from './failure-rates.js';

const REVIEW_MS = 5000;

/**
 * Raises an alarm when too many passwords are refused, in total or through one client: with a log line at its beginning
 * and end, and a gauge in between. Each replica counts only its own failures.
 */
@Injectable()
export class LoginFailureAlarm implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #rates: FailureRates;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    audit: AuditLog,
    registry: Registry,
    @Inject(CONFIG) { loginAlarm }: AuthorizationServerConfig,
    @Inject(LOGGER) logger: Logger,
  ) {
    const fieldsOf = ({ scope, clientId, failures }: Alarm) => ({
      scope,
      ...(clientId !== null && { client_id: clientId }),
      failures,
      threshold: loginAlarm[scope],
      window: loginAlarm.window,
    });
    this.#rates = new FailureRates(loginAlarm, {
      raised: (alarm) => logger.warn(fieldsOf(alarm), 'many logins fail'),
      cleared: (alarm) => logger.info(fieldsOf(alarm), 'no longer many logins fail'),
    });
    const rates = this.#rates;
    new Gauge({
      name: 'latchkey_login_failure_alarm',
      help: 'Alarms about refused passwords: global is 1 while there are too many in all, client the number of clients with too many',
      labelNames: ['scope'],
      registers: [registry],
      collect() {
        rates.review(performance.now());
        for (const scope of ['global', 'client'] as const) this.set({ scope }, rates.raised(scope));
      },
    });
    // A refused current password at a change of the password is a guess too.
    audit.subscribe(({ kind, outcome, clientId = '' }) => {
      const guess = kind === 'login' || kind === 'password_changed';
      if (guess && outcome === 'failure') rates.failed(clientId, performance.now());
    });
  }

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => this.#rates.review(performance.now()), REVIEW_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
  }
}

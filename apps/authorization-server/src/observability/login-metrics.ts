import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import type { AuditEvent } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import type { RefusalReason } from '../users/user-authenticator.js';

const OUTCOMES: Readonly<Record<RefusalReason, string>> = {
  'unknown user': 'unknown_user',
  'wrong password': 'wrong_password',
  'disabled user': 'disabled_user',
  'too many attempts': 'throttled',
  'too many accounts': 'source_throttled',
  'wrong code': 'wrong_code',
  'passkey refused': 'passkey_refused',
  'passkey counter went back': 'passkey_counter',
};

/** As many clients as a graph can show; the others share one label. */
const MAX_CLIENTS = 500;

/** Counts logins of resource owners by their outcome, and by client where the password was right. */
@Injectable()
export class LoginMetrics {
  readonly #logins: Counter;
  readonly #byClient: Counter;
  readonly #clients = new Set<string>();

  constructor(audit: AuditLog, registry: Registry) {
    const registers = [registry];
    this.#logins = new Counter({
      name: 'latchkey_logins_total',
      help: 'Logins with the password grant by outcome: success, wrong_password, unknown_user, disabled_user, throttled, source_throttled, wrong_code, passkey_refused, passkey_counter when the counter of a passkey went back, factor_asked when it waits for a second factor, or queue_full when the password was never compared',
      labelNames: ['outcome'],
      registers,
    });
    for (const outcome of ['success', ...Object.values(OUTCOMES), 'factor_asked', 'queue_full'])
      this.#logins.inc({ outcome }, 0);
    this.#byClient = new Counter({
      name: 'latchkey_password_grant_logins_total',
      help: 'Successful logins with the password grant by client: who still depends on it',
      labelNames: ['client_id'],
      registers,
    });
    audit.subscribe((event) => {
      if (event.kind === 'login') this.#count(event);
    });
  }

  /** The queue for password hashes was full. Nothing is stored, because the server is overloaded. */
  queueFull(): void {
    this.#logins.inc({ outcome: 'queue_full' });
  }

  /** The password was right, and the login waits for a second factor. An event is stored when the login ends. */
  factorAsked(): void {
    this.#logins.inc({ outcome: 'factor_asked' });
  }

  #count({ outcome, clientId = '', detail }: AuditEvent): void {
    if (outcome === 'failure') {
      this.#logins.inc({ outcome: OUTCOMES[detail?.reason as RefusalReason] });
      return;
    }
    this.#logins.inc({ outcome });
    this.#byClient.inc({ client_id: this.#label(clientId) });
  }

  #label(clientId: string): string {
    if (this.#clients.size < MAX_CLIENTS) this.#clients.add(clientId);
    return this.#clients.has(clientId) ? clientId : 'other';
  }
}

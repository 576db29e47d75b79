import { Inject, Injectable } from '@nestjs/common';
import type { Transaction } from '@latchkey/platform/database';
import type { AuditEvent } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import type { User } from '../users/user.js';
import { UserRepository } from '../users/user-repository.js';
import { AuthorizationRepository } from './authorization-repository.js';
import type { Authorization } from './authorization.js';

/** Limits the live logins of a user, where a limit is configured: a new login ends the oldest. */
@Injectable()
export class LoginLimit {
  readonly #max: number | null;

  constructor(
    @Inject(CONFIG) { maxLoginsPerUser }: AuthorizationServerConfig,
    private readonly authorizations: AuthorizationRepository,
    private readonly users: UserRepository,
    private readonly audit: AuditLog,
  ) {
    this.#max = maxLoginsPerUser;
  }

  /** Whether there is a limit. Then a login needs a transaction, which includes {@link keep}. */
  get isOn(): boolean {
    return this.#max !== null;
  }

  /**
   * Stores a new login, and ends the oldest ones beyond the limit.
   *
   * @param create stores the new login
   * @param event of the new login
   */
  async keep(
    tx: Transaction,
    user: User,
    create: () => Promise<Authorization>,
    event: AuditEvent,
  ): Promise<Authorization> {
    // Logins of one user take turns: two at once would each count itself as the last within the limit. The lock comes
    // first because it waits without a connection.
    await tx.lock(`logins of ${user.sub}`);
    await this.users.loadBySub(tx, user.sub);
    const created = await create();
    const surplus = await this.authorizations.listSurplus(tx, created, this.#max ?? Infinity);
    for (const { sid, clientId } of surplus) {
      await this.authorizations.revoke(tx, sid);
      await this.audit.record(tx, {
        ...event,
        kind: 'authorization_revoked',
        sid,
        clientId,
        detail: { reason: 'too_many_logins' },
      });
    }
    return created;
  }
}

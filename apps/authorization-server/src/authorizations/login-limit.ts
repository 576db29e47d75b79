import { Inject, Injectable } from '@nestjs/common';
import { Database, type Step } from '@latchkey/platform';
import type { AuditEvent } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import type { User } from '../users/user.js';
import { UserRepository } from '../users/user-repository.js';
import { AuthorizationRepository } from './authorization-repository.js';
import type { Authorization } from './authorization.js';

/** Keeps the live logins of a user few, where that is asked for: a new one ends the oldest. */
@Injectable()
export class LoginLimit {
  readonly #max: number | null;

  constructor(
    private readonly database: Database,
    @Inject(CONFIG) { maxLoginsPerUser }: AuthorizationServerConfig,
    private readonly authorizations: AuthorizationRepository,
    private readonly users: UserRepository,
    private readonly audit: AuditLog,
  ) {
    this.#max = maxLoginsPerUser;
  }

  /** Whether there is a limit: then a login is one unit of work, which {@link keep} stands around. */
  get isOn(): boolean {
    return this.#max !== null;
  }

  /**
   * Lets a login begin, and then ends those that are too many.
   *
   * @param begin stores the new login
   * @param event of the new login
   */
  *keep(user: User, begin: () => Step<Authorization>, event: AuditEvent): Step<Authorization> {
    // Logins of one user take turns, or two at once would both be the last one that fits. First without a connection.
    yield* this.database.lock(`logins of ${user.sub}`);
    yield* this.users.loadBySub(user.sub);
    const begun = yield* begin();
    const surplus = yield* this.authorizations.listSurplus(begun, this.#max ?? Infinity);
    for (const { sid, clientId } of surplus) {
      yield* this.authorizations.revoke(sid);
      yield* this.audit.record({
        ...event,
        kind: 'authorization_revoked',
        sid,
        clientId,
        detail: { reason: 'too_many_logins' },
      });
    }
    return begun;
  }
}

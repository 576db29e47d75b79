import { Injectable } from '@nestjs/common';
import { whenKnown } from '@latchkey/platform/caching';
import { ReceivedChanges } from '../changes/received-changes.js';
import type { Client } from '../clients/client.js';
import { ClientRepository } from '../clients/client-repository.js';
import type { User } from '../users/user.js';
import { UserRepository } from '../users/user-repository.js';
import type { AuthorizationState, CachedAuthorization } from './authorization.js';
import { AuthorizationRepository } from './authorization-repository.js';
import { stateOf } from './liveness.js';

type Found = AuthorizationState<CachedAuthorization> | null;

/** The authorizations of access and refresh tokens, from memory as long as this server receives every change. */
@Injectable()
export class TokenAuthorizations {
  constructor(
    private readonly authorizations: AuthorizationRepository,
    private readonly clients: ClientRepository,
    private readonly users: UserRepository,
    private readonly changes: ReceivedChanges,
  ) {}

  /**
   * Answers at once where memory knows all parts. They may be of different moments, each as old as changes are late. That is
   * the same as asking at the earliest of these moments: what is dead by one part stays dead. The time is not behind the
   * database's clock.
   *
   * What memory refuses by its client or user is read again: a login at another server may rest on a change that this one
   * has not received, and a refusal would be cached elsewhere.
   */
  find(sid: string): Found | Promise<Found> {
    if (!this.changes.inSync) return this.authorizations.find(sid);
    return whenKnown([this.authorizations.findCached(sid)], (authorization) => {
      if (authorization === null) return null;
      const { clientId, ownerSub } = authorization;
      return whenKnown(
        [
          clientId === null ? null : this.clients.findByClientId(clientId),
          ownerSub === null ? null : this.users.findBySub(ownerSub),
        ],
        (client, user) => this.#judge(authorization, client, user),
      );
    });
  }

  #judge(
    authorization: CachedAuthorization,
    client: Client | null,
    user: User | null,
  ): Found | Promise<Found> {
    if (!this.changes.inSync) return this.authorizations.find(authorization.id);
    const state = {
      authorization,
      // A name that was deleted and given out again belongs to another client or user.
      client: client?.key === authorization.clientKey ? client : null,
      owner: user?.key === authorization.userKey ? user : null,
      now: this.changes.latestTime(),
    };
    return stateOf(state) === 'ended' ? this.authorizations.find(authorization.id) : state;
  }
}

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

/** The authorizations of access and refresh tokens, from the caches while this server receives every change. */
@Injectable()
export class TokenAuthorizations {
  constructor(
    private readonly authorizations: AuthorizationRepository,
    private readonly clients: ClientRepository,
    private readonly users: UserRepository,
    private readonly changes: ReceivedChanges,
  ) {}

  /**
   * Answers synchronously when all parts are cached. The parts may have been read at different times, each as old as
   * changes are late. The result is the same as at the earliest of these times, because what is dead by one part stays
   * dead. `now` is never behind the database's clock.
   *
   * A refusal because of a cached client or user is read again from the database: a login at another server may depend
   * on a change that this server has not received, and resource servers would cache the refusal.
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
      // A name that was deleted and reused belongs to another client or user.
      client: client?.key === authorization.clientKey ? client : null,
      owner: user?.key === authorization.userKey ? user : null,
      now: this.changes.latestTime(),
    };
    return stateOf(state) === 'ended' ? this.authorizations.find(authorization.id) : state;
  }
}

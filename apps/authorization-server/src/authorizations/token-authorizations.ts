import { Injectable } from '@nestjs/common';
import { Changes } from '../changes/changes.js';
import type { Client } from '../clients/client.js';
import { ClientRepository } from '../clients/client-repository.js';
import type { User } from '../users/user.js';
import { UserRepository } from '../users/user-repository.js';
import {
  liveAuthorization,
  type AuthorizationState,
  type LastingAuthorization,
  type LiveAuthorization,
  type RememberedAuthorization,
} from './authorization.js';
import { AuthorizationRepository } from './authorization-repository.js';

/** What a token says of what it depends on. */
export interface TokenSubject {
  readonly sid: string;
  readonly client_id: string;
  readonly sub: string;
}

/** The authorizations of tokens, from memory as long as this server hears of every change. */
@Injectable()
export class TokenAuthorizations {
  constructor(
    private readonly authorizations: AuthorizationRepository,
    private readonly clients: ClientRepository,
    private readonly users: UserRepository,
    private readonly changes: Changes,
  ) {}

  /**
   * The parts may be of different moments, and each of them as old as the hearing is late. That is the same as asking at
   * the earliest of these moments: what is dead by one part stays dead. The time is not behind the database's clock.
   *
   * What memory refuses by its client or user is read again: a login at another server may rest on a change that this one
   * has not heard of, and a refusal would be remembered elsewhere.
   */
  async find(token: TokenSubject): Promise<AuthorizationState<LastingAuthorization> | null> {
    if (!this.changes.hears) return this.authorizations.find(token.sid);
    const [authorization, client, user] = await Promise.all([
      this.authorizations.findLasting(token.sid),
      this.clients.findByClientId(token.client_id),
      token.sub === token.client_id ? null : this.users.findBySub(token.sub),
    ]);
    if (authorization === null) return null;
    const state = this.#stateOf(authorization, client, user);
    if (state === null) return this.authorizations.find(token.sid);
    const isOver = authorization.revokedAt !== null || authorization.expiresAt <= state.now;
    return isOver || liveAuthorization(state) !== null ? state : this.authorizations.find(token.sid);
  }

  /** The same from memory alone. @returns `null` when memory does not know it as alive, whatever the database knows */
  recall(token: TokenSubject): LiveAuthorization<LastingAuthorization> | null {
    const authorization = this.authorizations.recallLasting(token.sid);
    if (authorization === null) return null;
    const client = this.clients.recallByClientId(token.client_id);
    const user = token.sub === token.client_id ? null : this.users.recallBySub(token.sub);
    return liveAuthorization(this.#stateOf(authorization, client, user));
  }

  /**
   * For who asks the database once more in any case: the authorization of a refresh token of this client.
   *
   * @returns `null` when memory does not know it as alive, whatever the database knows
   */
  async findRemembered(
    sid: string,
    client: Client,
  ): Promise<LiveAuthorization<RememberedAuthorization> | null> {
    if (!this.changes.hears) return null;
    const authorization = await this.authorizations.findLasting(sid);
    if (authorization === null) return null;
    const { ownerSub } = authorization;
    const user = ownerSub === null ? null : await this.users.findBySub(ownerSub);
    return liveAuthorization(this.#stateOf(authorization, client, user));
  }

  /** @returns `null` when the server has gone deaf meanwhile, and knows no time either */
  #stateOf(
    authorization: RememberedAuthorization,
    client: Client | null,
    user: User | null,
  ): AuthorizationState<RememberedAuthorization> | null {
    if (!this.changes.hears) return null;
    return {
      authorization,
      // Under a name that was deleted and given out again there is somebody else.
      client: client?.key === authorization.clientKey ? client : null,
      owner: user !== null && user.key === authorization.userKey ? user : null,
      now: this.changes.latestTime(),
    };
  }
}

import { Injectable } from '@nestjs/common';
import { Database } from '@latchkey/platform/database';
import type { Client } from '../../../clients/client.js';
import { ClientRepository } from '../../../clients/client-repository.js';
import type { WaitingLoginEntity } from '../../../waiting-logins/waiting-login.entity.js';
import {
  WaitingLoginRepository,
  type FoundWaitingLogin,
} from '../../../waiting-logins/waiting-login-repository.js';
import type { PasskeyRequestOptions } from '../../../second-factors/passkey-options.js';
import { PasskeysService } from '../../../second-factors/passkeys.service.js';
import { HasSecondFactorError } from '../../../second-factors/second-factor-repository.js';
import {
  SecondFactorsService,
  type SecondFactors,
  type ShownTotp,
} from '../../../second-factors/second-factors.service.js';
import type { User } from '../../../users/user.js';
import { UserRepository } from '../../../users/user-repository.js';
import { OAuthError } from '../../common/oauth-error.js';
import { assertSatisfies } from './second-factor.js';

/** A login that waits, and the user whose second factor it needs. */
interface UserWaiting {
  readonly attempt: WaitingLoginEntity;
  readonly user: User;
}

/** The logins that wait for a second factor, and the requests that their clients may make meanwhile. */
@Injectable()
export class WaitingLogins {
  constructor(
    private readonly database: Database,
    private readonly attempts: WaitingLoginRepository,
    private readonly clients: ClientRepository,
    private readonly factors: SecondFactorsService,
    private readonly passkeys: PasskeysService,
    private readonly users: UserRepository,
  ) {}

  /**
   * The client of a waiting login, for a request that presents the handle without a client.
   *
   * @throws OAuthError invalid_grant unless a login waits for a second factor of its user
   */
  async clientOf(handle: string): Promise<Client> {
    const found = await this.attempts.findOfAnyClient(handle);
    const clientId = found?.clientId ?? null;
    const client = clientId === null ? null : await this.clients.findByClientId(clientId);
    if (found === null || client === null) throw OAuthError.invalidMfaToken('unknown or altered');
    await this.#userWaiting(found);
    return client;
  }

  /** @throws OAuthError invalid_grant */
  async listFactors(client: Client, handle: string): Promise<SecondFactors> {
    const { user } = await this.findWaiting(client, handle);
    return this.factors.list(this.database, user.key);
  }

  /**
   * Creates a new passkey challenge for a login. It replaces the previous challenge.
   *
   * @returns the argument of `navigator.credentials.get()`; `null` when the user has no passkey that can be used
   * @throws OAuthError invalid_grant when it was completed meanwhile
   */
  async challengePasskey({ attempt, user }: UserWaiting): Promise<PasskeyRequestOptions | null> {
    const asked = await this.passkeys.challenge(user);
    if (asked === null) return null;
    if (!(await this.attempts.setChallenge(attempt, asked.challenge, asked.lifetimeMs))) {
      throw OAuthError.invalidMfaToken('spent meanwhile');
    }
    return asked.options;
  }

  /**
   * Enrols a second factor for a user who has none. Its first code confirms it.
   *
   * @throws OAuthError invalid_grant, access_denied; unmet_authentication_requirements when only a passkey is accepted
   */
  async enrol(client: Client, handle: string): Promise<ShownTotp> {
    const { attempt, user } = await this.findWaiting(client, handle);
    assertSatisfies('otp', attempt.acr);
    try {
      return await this.factors.enrolTotp(user, true);
    } catch (error) {
      if (!(error instanceof HasSecondFactorError)) throw error;
      throw new OAuthError('access_denied', 403, 'The user has a second factor already');
    }
  }

  /** @throws OAuthError invalid_grant unless a login waits for a second factor of its user */
  async findWaiting(client: Client, handle: string): Promise<UserWaiting> {
    const found = await this.find(client, handle);
    return { attempt: found.attempt, user: await this.#userWaiting(found) };
  }

  #userWaiting(found: FoundWaitingLogin): Promise<User> {
    if (found.attempt.sid !== null) throw OAuthError.invalidMfaToken('spent');
    return this.userOf(found);
  }

  /** @throws OAuthError invalid_grant unless this client has such a handle */
  async find(client: Client, handle: string): Promise<FoundWaitingLogin> {
    const found = await this.attempts.find(handle, client);
    if (found === null) throw OAuthError.invalidMfaToken('unknown, altered, or of another client');
    return found;
  }

  /** @throws OAuthError invalid_grant when the login is over */
  async userOf({ attempt: { expiresAt }, now, liveSub }: FoundWaitingLogin): Promise<User> {
    if (expiresAt <= now) throw OAuthError.invalidMfaToken('expired');
    const user = liveSub === null ? null : await this.users.findBySub(liveSub);
    if (user === null)
      throw OAuthError.invalidMfaToken('user or client is disabled or deleted, or their logins were ended');
    return user;
  }
}

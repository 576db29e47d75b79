import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Database, newId, type Transaction } from '@latchkey/platform/database';
import type { TypeOf } from '@latchkey/platform/openapi';
import type { AuditContext } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import type { AuthorizationServerConfig, PasskeySettings } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import type { User } from '../users/user.js';
import { UserRepository } from '../users/user-repository.js';
import type { PasskeyEntity } from './passkey.entity.js';
import { PasskeyRepository } from './passkey-repository.js';
import { SecondFactorRepository } from './second-factor-repository.js';
import {
  CHALLENGE_LIFETIME_MS,
  creationOptions,
  type CREATION_OPTIONS,
  requestOptions,
  type PasskeyRequestOptions,
  type PasskeyUser,
} from './passkey-options.js';
import {
  findAsserted,
  verifyAssertion,
  verifyRegistration,
  type PasskeyUse,
} from './passkey-verification.js';

/** WebAuthn section 13.4.3 requires at least 16. */
const CHALLENGE_BYTES = 32;

/** There are no passkeys, because the issuer's host is an IP address. */
export class PasskeysOffError extends Error {
  override readonly name = 'PasskeysOffError';
}

export interface PasskeyChallenge {
  readonly challenge: Buffer;
  readonly lifetimeMs: number;
  readonly options: PasskeyRequestOptions;
}

/** A passkey that has signed a challenge. */
export interface AssertedPasskey extends PasskeyUse {
  readonly passkey: PasskeyEntity;
}

/** The passkeys of users. Verification uses the thread pool, so it precedes the transaction that stores its result. */
@Injectable()
export class PasskeysService {
  constructor(
    private readonly database: Database,
    private readonly repository: PasskeyRepository,
    private readonly factors: SecondFactorRepository,
    private readonly users: UserRepository,
    private readonly keys: DataKeysService,
    private readonly audit: AuditLog,
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
  ) {}

  /** Whether there are passkeys: not where the issuer's host is an IP address. */
  get isOn(): boolean {
    return this.config.passkeys !== null;
  }

  /**
   * Begins to add a passkey, and replaces one that was begun.
   *
   * @returns the argument of `navigator.credentials.create()`
   * @throws PasskeysOffError, TooManySecondFactorsError
   */
  async begin(user: User): Promise<TypeOf<typeof CREATION_OPTIONS>> {
    const settings = this.#settings();
    await this.factors.assertRoom(this.database, user.key);
    const passkeys = await this.repository.list(this.database, user.key);
    const challenge = randomBytes(CHALLENGE_BYTES);
    await this.repository.setChallenge(user.key, challenge, CHALLENGE_LIFETIME_MS);
    return creationOptions(settings, this.#asPasskeyUser(user), challenge, passkeys);
  }

  /**
   * Adds the passkey that was begun.
   *
   * @param credential what the client sent, not validated
   * @returns `null` when it is refused; a new one has to be begun then
   * @throws PasskeysOffError, TooManySecondFactorsError
   */
  async add(user: User, credential: unknown, context: AuditContext): Promise<string | null> {
    const settings = this.#settings();
    const challenge = await this.repository.takeChallenge(user.key);
    if (challenge === null) return null;
    const made = await verifyRegistration(settings, challenge, credential);
    if (made === null) return null;
    const id = newId();
    return this.database.transaction(async (tx) => {
      await this.factors.lock(tx, user.key);
      await this.factors.assertRoom(tx, user.key);
      if (!(await this.repository.insert(tx, { ...made, id, userKey: user.key }))) return null;
      await this.users.setSecondFactor(tx, user.key, true);
      const event = {
        ...context,
        kind: 'second_factor_added',
        outcome: 'success',
        subject: user.sub,
      } as const;
      await this.audit.record(tx, { ...event, detail: { type: 'passkey', backed_up: made.backedUp } });
      return id;
    });
  }

  /**
   * Creates a challenge for the passkeys of a user.
   *
   * @returns the challenge, its lifetime in milliseconds, and the options for the browser; `null` when the user has no
   *   passkey, or there are none
   */
  async challenge(user: User): Promise<PasskeyChallenge | null> {
    const passkeys = await this.repository.list(this.database, user.key);
    if (passkeys.length === 0 || this.config.passkeys === null) return null;
    const challenge = randomBytes(CHALLENGE_BYTES);
    const options = requestOptions(this.config.passkeys, challenge, passkeys);
    return { challenge, lifetimeMs: CHALLENGE_LIFETIME_MS, options };
  }

  /**
   * Verifies that a passkey of this user has signed a challenge.
   *
   * @param credential what the client sent, not validated
   * @returns `null` when it is refused
   */
  async verify(user: User, challenge: Buffer, credential: unknown): Promise<AssertedPasskey | null> {
    const settings = this.#settings();
    const passkey = findAsserted(await this.repository.list(this.database, user.key), credential);
    if (passkey === undefined) return null;
    const { handle } = this.#asPasskeyUser(user);
    const use = await verifyAssertion(settings, challenge, handle, passkey, credential);
    return use && { ...use, passkey };
  }

  /**
   * Records the use of a passkey. A counter that goes back is refused, because a second device may have the key
   * (WebAuthn section 7.2, step 22, leaves the decision to us). This does not apply to authenticators that do not
   * count.
   */
  async spend(
    tx: Transaction,
    { passkey: { id }, signCount, backedUp }: AssertedPasskey,
  ): Promise<'spent' | 'passkey counter went back' | 'passkey refused'> {
    if (await this.repository.spend(tx, id, signCount, backedUp)) return 'spent';
    return (await this.repository.exists(tx, id)) ? 'passkey counter went back' : 'passkey refused';
  }

  #settings(): PasskeySettings {
    const { passkeys } = this.config;
    if (passkeys === null) throw new PasskeysOffError();
    return passkeys;
  }

  #asPasskeyUser({ sub, username }: User): PasskeyUser {
    return { handle: Buffer.from(this.keys.digest('passkey user handle', sub), 'base64url'), name: username };
  }
}

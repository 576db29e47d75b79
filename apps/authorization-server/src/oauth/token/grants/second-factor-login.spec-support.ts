import { createHash } from 'node:crypto';
import type { Database, Transaction } from '@latchkey/platform/database';
import { STATE } from '../../../authorizations/a-state.spec-support.js';
import type { AuthorizationState } from '../../../authorizations/authorization.js';
import type {
  AuthorizationRepository,
  NewAuthorization,
} from '../../../authorizations/authorization-repository.js';
import type { Client } from '../../../clients/client.js';
import type { ClientRepository } from '../../../clients/client-repository.js';
import type { SecondFactorRule } from '../../../fields/second-factor-rule.js';
import type { GroupsService } from '../../../groups/groups.service.js';
import type { WaitingLoginEntity } from '../../../waiting-logins/waiting-login.entity.js';
import type {
  FoundWaitingLogin,
  WaitingLoginRepository,
} from '../../../waiting-logins/waiting-login-repository.js';
import type { EmailFactorsService } from '../../../second-factors/email-factors.service.js';
import type { PasskeysService } from '../../../second-factors/passkeys.service.js';
import type { RecoveryCodesService } from '../../../second-factors/recovery-codes.service.js';
import type { SecondFactorsService } from '../../../second-factors/second-factors.service.js';
import { LoginThrottle } from '../../../throttling/login-throttle.js';
import type { RefusalDelay } from '../../../throttling/refusal-delay.js';
import type { Reservation, Throttled } from '../../../throttling/login-reservation.js';
import type { UserRepository } from '../../../users/user-repository.js';
import { FactorProofs } from './factor-proofs.js';
import { aFound, someFactors } from './waiting-login.spec-support.js';
import type { LoginRecorder } from './login-recorder.js';
import { SecondFactorLogin } from './second-factor-login.js';
import { aUser, ownerTokens, recordLater, storedAuthorization } from './token-request.spec-support.js';
import { WaitingLogins } from './waiting-logins.js';

/** Of the place that the second factor takes; the password has {@link RESERVATION}. */
export const FACTOR_RESERVATION = { known: true } as Reservation;

/** The same length for every proof, as the real one. */
export function digestOf(proof: string): Buffer {
  return createHash('sha256').update(proof).digest();
}

/** The login after the password, with stand-ins for what reads and writes the database. */
export class SecondFactorLoginSetup {
  user = aUser({ hasSecondFactor: true });
  enrolled = someFactors({ totp: true });
  groupRules: SecondFactorRule[] = [];
  found: FoundWaitingLogin | null = aFound();
  /** The attempt that another request leaves behind, after this one was read. */
  raced: FoundWaitingLogin | null = null;
  /** What the attempt to take a place returns. */
  place: Reservation | Throttled = FACTOR_RESERVATION;
  proofIsRight = true;
  /** What the attempt to store the login throws. */
  notStored: Error | null = null;
  /** What reading factors and groups throws. */
  notRead: Error | null = null;
  /** The authorization of a completed attempt. */
  stored: AuthorizationState | null = STATE;

  /** What changes something or waits, in its order. */
  readonly events: unknown[][] = [];
  readonly begun: Partial<WaitingLoginEntity>[] = [];
  readonly authorizations: NewAuthorization[] = [];

  readonly #database = {
    writeTogether: (statements: unknown[]) =>
      this.notStored === null ? this.#later('write', ...statements) : Promise.reject(this.notStored),
  } as unknown as Database;

  readonly #attempts = {
    begin: (login: Partial<WaitingLoginEntity>) => {
      this.begun.push(login);
      return { stored: 'attempt', handle: 'the-handle' };
    },
    find: (handle: string) => Promise.resolve(handle === 'the-handle' ? this.found : null),
    proofDigest: (_: object, factor: string, proof: string) => digestOf(`${factor} ${proof}`),
    end: (_tx: object, { id }: WaitingLoginEntity, sid: string, digest: Buffer) => {
      this.events.push(['end', id, sid, digest]);
      if (this.raced === null) return Promise.resolve(true);
      this.found = this.raced;
      return Promise.resolve(false);
    },
  } as unknown as WaitingLoginRepository;

  readonly #factors = {
    list: () => this.#read(this.enrolled),
    spendTotp: (_: object, ...proof: unknown[]) => this.#spend('totp', ...proof),
    spendOrConfirmTotp: (_: object, { sub }: { sub: string }, ...proof: unknown[]) =>
      this.#spend('totp or first', sub, ...proof),
  } as unknown as SecondFactorsService;

  readonly #passkeys = { isOn: true } as PasskeysService;

  readonly login = new SecondFactorLogin(
    this.#database,
    this.#attempts,
    new WaitingLogins(this.#database, this.#attempts, {} as ClientRepository, this.#factors, this.#passkeys, {
      findBySub: (sub: string) => Promise.resolve(sub === this.user.sub ? this.user : null),
    } as UserRepository),
    {
      find: (sid: string) => Promise.resolve(sid === 'the-sid' ? this.stored : null),
    } as AuthorizationRepository,
    this.#factors,
    new FactorProofs(
      this.#database,
      this.#attempts,
      this.#factors,
      this.#passkeys,
      {
        isOn: true,
        spend: (_tx: object, _user: object, ...proof: unknown[]) => this.#spend('email', ...proof),
      } as unknown as EmailFactorsService,
      {} as RecoveryCodesService,
    ),
    {
      rulesOf: (groups: string[]) => this.#read(groups.length > 0 ? this.groupRules : []),
    } as unknown as GroupsService,
    Object.assign(Object.create(LoginThrottle.prototype) as LoginThrottle, {
      passed: () => ['passed'],
      reserve: (...attempt: unknown[]) => {
        this.events.push(['reserve', ...attempt]);
        return Promise.resolve(this.place);
      },
      pass: (reservation: object) => this.#later('pass', reservation),
      release: (reservation: object) => this.#later('release', reservation),
      deviceValue: () => 'a device value',
      deviceValueOf: (name: string) => `a device value of ${name}`,
    }),
    { wait: (since: number) => this.#later('delay', since) } as RefusalDelay,
    {
      recordFactorAsked: () => this.events.push(['asked']),
      recordFailure: ({ clientId }: Client, failure: object, _: object, address: string) =>
        this.#later('failure', clientId, failure, address),
      recordProven: (login: NewAuthorization, _: object, success: object, __: object, spend: Spend) =>
        this.#store(login, success, spend),
    } as unknown as LoginRecorder,
    ownerTokens(({ authorization: { id }, owner }) => this.events.push(['issue', id, owner])),
  );

  async #store(login: NewAuthorization, success: object, spend: Spend) {
    await spend({} as Transaction, 'the-sid');
    if (this.notStored !== null) throw this.notStored;
    this.authorizations.push(login);
    this.events.push(['success', success]);
    return storedAuthorization(login);
  }

  #read<T>(found: T): Promise<T> {
    return this.notRead === null ? Promise.resolve(found) : Promise.reject(this.notRead);
  }

  #spend(...proof: unknown[]): Promise<boolean> {
    this.events.push(['spend', ...proof]);
    return Promise.resolve(this.proofIsRight);
  }

  #later(...event: unknown[]): Promise<void> {
    return recordLater(this.events, event);
  }
}

type Spend = (tx: Transaction, sid: string) => Promise<void>;

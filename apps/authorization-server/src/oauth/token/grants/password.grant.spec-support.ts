import type { NewAuthorization } from '../../../authorizations/authorization-repository.js';
import type { Client } from '../../../clients/client.js';
import type { RefusalDelay } from '../../../throttling/refusal-delay.js';
import type { LoginThrottle } from '../../../throttling/login-throttle.js';
import type { Acr } from '../../../tokens/authentication-context.js';
import type { AuthenticationFailure, UserAuthenticator } from '../../../users/user-authenticator.js';
import { OAuthError } from '../../common/oauth-error.js';
import type { LoginRecorder } from './login-recorder.js';
import { PasswordGrant } from './password.grant.js';
import type { SecondFactorLogin } from './second-factor-login.js';
import {
  aUser,
  ownerTokens,
  recordLater,
  RESERVATION,
  storedAuthorization,
} from './token-request.spec-support.js';

export const MFA_REQUIRED = new OAuthError('mfa_required', 403, 'A second factor is required');

/** The grant, with stand-ins for what reads and writes the database. */
export class PasswordGrantSetup {
  user = aUser();
  /** What the check of the room throws. */
  room: Error | null = null;
  /** What ends the check of the password; `null`: the password is right. */
  refused: Partial<AuthenticationFailure> | Error | null = null;
  /** What the check of `acr_values` throws. */
  unmet: Error | null = null;
  needsFactor = false;
  /** What the attempt to store the login throws. */
  notStored: Error | null = null;

  /** The calls of the stand-ins, in their order. */
  readonly events: unknown[][] = [];
  readonly authorizations: NewAuthorization[] = [];

  readonly grant = new PasswordGrant(
    {
      assertRoom: (...attempt: unknown[]) => {
        this.events.push(['room', ...attempt]);
        if (this.room !== null) throw this.room;
      },
      authenticate: (...attempt: unknown[]) => {
        this.events.push(['authenticate', ...attempt]);
        if (this.refused instanceof Error) return Promise.reject(this.refused);
        const failure = { user: null, reason: 'wrong password', subject: this.user.sub, ...this.refused };
        return Promise.resolve({
          reservation: RESERVATION,
          ...(this.refused === null ? { user: this.user } : failure),
        });
      },
    } as unknown as UserAuthenticator,
    {
      recordNotEvaluated: (error: unknown) => {
        this.events.push(['not evaluated', error]);
        throw error;
      },
      recordFailure: ({ clientId }: Client, failure: object, context: object, address: string) =>
        this.#later('failure', clientId, failure, context, address),
      recordSuccess: (
        authorization: NewAuthorization,
        { clientId }: Client,
        success: object,
        context: object,
      ) => {
        this.events.push(['success', clientId, success, context]);
        this.authorizations.push(authorization);
        return this.notStored === null
          ? Promise.resolve(storedAuthorization(authorization))
          : Promise.reject(this.notStored);
      },
    } as unknown as LoginRecorder,
    {
      pass: (reservation: object) => this.#later('pass', reservation),
      deviceValue: () => 'a device value',
    } as unknown as LoginThrottle,
    { wait: (since: number) => this.#later('delay', since) } as RefusalDelay,
    ownerTokens(({ authorization: { id }, owner }) => this.events.push(['issue', id, owner])),
    {
      attainable: ([acr = null]: (Acr | null)[], ...rest: unknown[]) => {
        this.events.push(['attainable', acr, ...rest]);
        return this.unmet === null ? Promise.resolve(acr) : Promise.reject(this.unmet);
      },
      isNeeded: ({ clientId }: Client, ...rest: unknown[]) => {
        this.events.push(['needed', clientId, ...rest]);
        return Promise.resolve(this.needsFactor);
      },
      begin: (_: unknown, ...rest: unknown[]) => {
        this.events.push(['begin', ...rest]);
        return Promise.reject(MFA_REQUIRED);
      },
    } as unknown as SecondFactorLogin,
  );

  #later(...event: unknown[]): Promise<void> {
    return recordLater(this.events, event);
  }
}

import { Injectable } from '@nestjs/common';
import type { Client } from '../../clients/client.js';
import { LoginThrottle } from '../../throttling/login-throttle.js';
import { EmailFactorsService } from '../../second-factors/email-factors.service.js';
import type { PasskeyRequestOptions } from '../../second-factors/passkey-options.js';
import type { User } from '../../users/user.js';
import { codeRefusal } from '../common/code-refusal.js';
import type { FormParameters } from '../common/form-parameters.js';
import { OAuthError } from '../common/oauth-error.js';
import type { RequestContext } from '../common/request-context.js';
import { FactorProofs } from '../token/grants/factor-proofs.js';
import { loginSource, requestAddress } from '../token/grants/read-login-source.js';
import { satisfies } from '../token/grants/second-factor.js';
import { WaitingLogins } from '../token/grants/waiting-logins.js';

/** Prefix of the ids of `GET /mfa/authenticators`, as in Auth0's API. The ids in `mfa_requirements` do not have it. */
const EMAIL_PREFIX = /^email\|/;

/** The second factor that the client asks its user for next. */
export type BegunChallenge =
  | { readonly challenge_type: 'otp' }
  | { readonly challenge_type: 'passkey'; readonly public_key: PasskeyRequestOptions }
  | {
      readonly challenge_type: 'oob';
      readonly oob_code: string;
      readonly binding_method: 'prompt';
      readonly oob_channel: 'email';
      readonly sent_to: string;
    };

/** Begins the second step of a login, in Auth0's form. */
@Injectable()
export class MfaChallenges {
  constructor(
    private readonly logins: WaitingLogins,
    private readonly proofs: FactorProofs,
    private readonly emails: EmailFactorsService,
    private readonly throttle: LoginThrottle,
  ) {}

  /**
   * `challenge_type` lists what the client supports, by default `otp oob`; `authenticator_id` names an address. A
   * passkey comes first if the client supports it and the user has one, then codes of an authenticator application.
   *
   * @throws OAuthError invalid_grant, invalid_request, access_denied; temporarily_unavailable with 429 or 503 when no
   *   code was sent
   */
  async begin(client: Client, parameters: FormParameters, context: RequestContext): Promise<BegunChallenge> {
    const handle = parameters.require('mfa_token');
    const accepted = (parameters.get('challenge_type') ?? 'otp oob').split(' ');
    const waiting = await this.logins.findWaiting(client, handle);
    if (accepted.includes('passkey')) {
      const publicKey = await this.logins.challengePasskey(waiting);
      if (publicKey !== null) return { challenge_type: 'passkey', public_key: publicKey };
      if (accepted.length === 1) throw noPasskey();
    }
    const { user, attempt } = waiting;
    const authenticatorId = parameters.get('authenticator_id')?.replace(EMAIL_PREFIX, '') ?? null;
    const challenges = await this.proofs.challenges(user, attempt.acr);
    const email = challenges.find(
      ({ type, authenticator_id: id }) => type === 'email' && (authenticatorId ?? id) === id,
    );
    const isNamed = email !== undefined && authenticatorId !== null;
    // A user without a second factor has to enrol an authenticator application.
    const enrols = !user.hasSecondFactor && satisfies('otp', attempt.acr);
    const hasOtp = enrols || challenges.some(({ type }) => type === 'otp');
    if (hasOtp && !isNamed && accepted.includes('otp')) return { challenge_type: 'otp' };
    if (email?.authenticator_id === undefined || !accepted.includes('oob')) throw noSuchFactor();
    return this.#sendCode(client, user, attempt.id, email.authenticator_id, context);
  }

  async #sendCode(
    client: Client,
    user: User,
    attemptId: string,
    factorId: string,
    context: RequestContext,
  ): Promise<BegunChallenge> {
    const isKnownDevice = this.throttle.isKnownDevice(user.username, loginSource(client, context));
    const login = { attemptId, factorId, isKnownDevice };
    const requester = {
      clientId: client.clientId,
      context: { actor: user.sub, requestId: context.requestId, address: requestAddress(client, context) },
    };
    try {
      const sent = await this.emails.challenge(user, login, requester);
      if (sent === null) throw noSuchFactor();
      return {
        challenge_type: 'oob',
        oob_code: sent.handle,
        binding_method: 'prompt',
        oob_channel: 'email',
        sent_to: sent.address,
      };
    } catch (error) {
      throw codeRefusal(error);
    }
  }
}

function noPasskey(): OAuthError {
  return new OAuthError('access_denied', 403, 'The user has no passkey that can be used here');
}

function noSuchFactor(): OAuthError {
  return OAuthError.invalidRequest('The user has no second factor of these challenge types');
}

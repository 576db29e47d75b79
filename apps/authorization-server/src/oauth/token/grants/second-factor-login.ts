import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ScopeSet, type TokenResponse } from '@latchkey/contracts';
import { Database, type Transaction } from '@latchkey/platform/database';
import { liveAuthorization } from '../../../authorizations/liveness.js';
import type { NewAuthorization } from '../../../authorizations/authorization-repository.js';
import { AuthorizationRepository } from '../../../authorizations/authorization-repository.js';
import type { Client } from '../../../clients/client.js';
import type { WaitingLoginEntity } from '../../../waiting-logins/waiting-login.entity.js';
import {
  ANSWER_AGAIN_MS,
  WaitingLoginRepository,
  type FoundWaitingLogin,
} from '../../../waiting-logins/waiting-login-repository.js';
import { GroupsService } from '../../../groups/groups.service.js';
import { RefusalDelay } from '../../../throttling/refusal-delay.js';
import type { Reservation } from '../../../throttling/login-reservation.js';
import { LoginThrottle } from '../../../throttling/login-throttle.js';
import { secondFactorPolicyOf } from '../../../fields/second-factor-rule.js';
import { SecondFactorsService } from '../../../second-factors/second-factors.service.js';
import { ACR_PASSWORD, type Acr } from '../../../tokens/authentication-context.js';
import type { User } from '../../../users/user.js';
import type { RefusalReason } from '../../../users/user-authenticator.js';
import { OAuthError } from '../../common/oauth-error.js';
import { FactorProofs, type Proof } from './factor-proofs.js';
import type { TokenRequest } from './grant-handler.js';
import { LoginRecorder } from './login-recorder.js';
import { loginSource, requestAddress } from './read-login-source.js';
import { OwnerTokens } from './owner-tokens.js';
import {
  assertSatisfies,
  AttemptOverError,
  FACTORS,
  mfaRequired,
  satisfies,
  WrongProofError,
  type Challenge,
  type Factor,
} from './second-factor.js';
import { WaitingLogins } from './waiting-logins.js';

/** The part of a login after the password, when a second factor is required. */
@Injectable()
export class SecondFactorLogin {
  constructor(
    private readonly database: Database,
    private readonly attempts: WaitingLoginRepository,
    private readonly waiting: WaitingLogins,
    private readonly authorizations: AuthorizationRepository,
    private readonly factors: SecondFactorsService,
    private readonly proofs: FactorProofs,
    private readonly groups: GroupsService,
    private readonly throttle: LoginThrottle,
    private readonly refusalDelay: RefusalDelay,
    private readonly logins: LoginRecorder,
    private readonly tokens: OwnerTokens,
  ) {}

  /**
   * @param acrs the values that the client accepts, in its order of preference; empty: any login
   * @param reservation of the right password, which ends when the login is refused here
   * @returns the first value that a login of this user can satisfy; `null` when nothing is required
   * @throws OAuthError unmet_authentication_requirements when the user can satisfy none of them
   */
  async attainable(acrs: readonly Acr[], user: User, reservation: Reservation): Promise<Acr | null> {
    if (acrs.length === 0) return null;
    for (const acr of acrs) {
      // The user may enrol an authenticator application during the login, but no passkey.
      if (satisfies('otp', acr) || (await this.#challenges(user, acr, reservation)).length > 0) return acr;
    }
    await this.throttle.pass(reservation);
    throw OAuthError.unmetAuthenticationRequirements('the user has no passkey');
  }

  /**
   * Whether a login of this user through this client currently needs a second factor.
   *
   * @param acr what the client requires, which may be stricter than the rules
   * @param reservation of the right password
   */
  async isNeeded(client: Client, user: User, acr: Acr | null, reservation: Reservation): Promise<boolean> {
    if (acr !== null && acr !== ACR_PASSWORD) return true;
    const ofGroups = await this.throttle.releaseOnFailure(reservation, () =>
      this.groups.rulesOf(user.groups),
    );
    const rules = [client, user, ...ofGroups];
    const policy = secondFactorPolicyOf(rules, Date.now());
    return policy === 'required' || (policy === 'if_enrolled' && user.hasSecondFactor);
  }

  /**
   * After the right password: completes the login if the request also has a code, else asks for a second factor.
   *
   * @param acr what the login has to satisfy; `null`: any second factor
   * @param reservation of the password
   * @throws OAuthError mfa_required; temporarily_unavailable when the factors were reset after the password was checked
   */
  async begin(
    request: TokenRequest,
    user: User,
    login: NewAuthorization,
    acr: Acr | null,
    reservation: Reservation,
  ): Promise<TokenResponse> {
    const code = request.parameters.get('totp');
    if (code !== null && user.hasSecondFactor && satisfies('otp', acr)) {
      await this.throttle.pass(reservation);
      const proof = this.proofs.code((tx) => this.factors.spendTotp(tx, user.key, code));
      return this.#end(request, user, 'otp', login, () => Promise.resolve(proof));
    }
    const challenges = await this.#challenges(user, acr, reservation);
    if (user.hasSecondFactor && challenges.length === 0) {
      await this.throttle.pass(reservation);
      throw OAuthError.temporarilyUnavailable(undefined, 'the second factors were reset meanwhile');
    }
    const { clientKey, clientEpoch, scope, audience, address } = login;
    const { stored, handle } = this.attempts.begin({
      clientKey,
      clientEpoch,
      userKey: user.key,
      userEpoch: user.epoch,
      scope: scope.toString(),
      audience: audience.join(' '),
      address,
      acr,
    });
    await this.throttle.releaseOnFailure(reservation, () =>
      this.database.writeTogether([...this.throttle.passed(reservation), stored]),
    );
    this.logins.recordFactorAsked(request.client, user, request.context, address);
    throw mfaRequired(handle, challenges);
  }

  /**
   * Completes a login that waits for a second factor. For a while, the request that completed it gets the same response
   * again.
   *
   * @throws OAuthError invalid_grant
   */
  async proceed(request: TokenRequest, factor: Factor): Promise<TokenResponse> {
    const { client, context, parameters } = request;
    const handle = parameters.require('mfa_token');
    const texts = FACTORS[factor].parameters.map((name) => parameters.require(name));
    const found = await this.waiting.find(client, handle);
    const digest = this.attempts.proofDigest(found.attempt, factor, texts.join(' '));
    if (found.attempt.sid !== null) return this.#answerAgain(request, found, digest);
    const user = await this.waiting.userOf(found);
    assertSatisfies(factor, found.attempt.acr);
    const login = this.#loginOf(client, user, found.attempt);
    const audit = { actor: user.sub, requestId: context.requestId, address: requestAddress(client, context) };
    try {
      return await this.#end(request, user, factor, login, async () => {
        const { amr, spend } = await this.proofs.check(factor, texts, user, found, audit);
        const spendWithAttempt = async (tx: Transaction, sid: string) => {
          if (!(await this.attempts.end(tx, found.attempt, sid, digest))) throw new AttemptOverError();
          await spend(tx, sid);
        };
        return { amr, spend: spendWithAttempt };
      });
    } catch (error) {
      if (!(error instanceof AttemptOverError)) throw error;
      return this.#answerAgain(request, await this.waiting.find(client, handle), digest);
    }
  }

  /** @param prove checks the factor after the attempt is counted */
  async #end(
    { client, context, headers }: TokenRequest,
    user: User,
    factor: Factor,
    login: NewAuthorization,
    prove: () => Promise<Proof>,
  ): Promise<TokenResponse> {
    const reservation = await this.throttle.reserve(user.username, loginSource(client, context), factor);
    const refuse = async (reason: RefusalReason, counted: Reservation | null): Promise<never> => {
      const failure = { user: null, reason, subject: user.sub, reservation: counted };
      await this.logins.recordFailure(client, failure, context, requestAddress(client, context));
      await this.refusalDelay.wait(context.arrivedAt);
      throw factor === 'passkey' ? OAuthError.invalidPasskey(reason) : OAuthError.invalidCode(reason);
    };
    if (typeof reservation === 'string') return refuse(reservation, null);
    const recordProven = async () => {
      const { amr, spend } = await prove();
      return this.logins.recordProven({ ...login, amr }, client, { user, reservation }, context, spend);
    };
    // A wrong proof counts.
    const outcome = await this.throttle.releaseOnFailure(reservation, () =>
      recordProven().catch((error: unknown) => {
        if (error instanceof WrongProofError) return error;
        throw error;
      }),
    );
    if (outcome instanceof WrongProofError) return refuse(outcome.reason, reservation);
    headers.set('Latchkey-Device', this.throttle.deviceValue(reservation));
    return this.tokens.issue(client, user, outcome);
  }

  #challenges(user: User, acr: Acr | null, reservation: Reservation): Promise<Challenge[]> {
    return this.throttle.releaseOnFailure(reservation, () => this.proofs.challenges(user, acr));
  }

  /** The response may have been lost, so the same request gets it once more. For others the login is over. */
  async #answerAgain(
    { client, headers }: TokenRequest,
    { attempt: { sid, answeredBy, answeredAt }, now }: FoundWaitingLogin,
    digest: Buffer,
  ): Promise<TokenResponse> {
    if (sid === null || answeredBy === null || answeredAt === null || !timingSafeEqual(answeredBy, digest)) {
      throw OAuthError.invalidMfaToken('spent');
    }
    // The absolute difference, because the clock may have been set back.
    if (Math.abs(now - answeredAt) > ANSWER_AGAIN_MS) throw OAuthError.invalidMfaToken('spent, and long ago');
    const live = liveAuthorization(await this.authorizations.find(sid));
    const owner = live?.owner ?? null;
    if (live === null || owner === null || live.authorization.generation !== 0) {
      throw OAuthError.invalidMfaToken('the login that it began is over, or was refreshed');
    }
    headers.set('Latchkey-Device', this.throttle.deviceValueOf(owner.username));
    return this.tokens.issue(client, owner, live.authorization);
  }

  /** The authorization for which the password was checked, limited to what client and user may still have. */
  #loginOf(client: Client, user: User, attempt: WaitingLoginEntity): NewAuthorization {
    const granted = ScopeSet.of(attempt.scope.split(' ')).intersect(client.scope);
    const scope = user.allowedScope === null ? granted : granted.intersect(user.allowedScope);
    const audience = attempt.audience.split(' ').filter((name) => client.audience.includes(name));
    if (scope.isEmpty || audience.length === 0) {
      throw OAuthError.invalidMfaToken('nothing of what was asked for is allowed any longer');
    }
    const { clientEpoch, userEpoch, address } = attempt;
    return { ...this.tokens.prepare(client, user, scope, audience, address), clientEpoch, userEpoch };
  }
}

import type { ServerResponse } from 'node:http';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { AccessToken } from '../claims/access-token.js';
import { BearerError } from '../refusals/bearer-error.js';
import { extractBearerToken, requireBearerToken, type HttpRequest } from '../request/bearer-token.js';
import { isHttpRequest, parametersOf, requestOfCall, socketOf } from '../request/context-requests.js';
import { closing, setJudgement, setPassed } from '../request/judgement.js';
import { cutWithToken, judgeCarrier } from './carrier-judgement.js';
import { RequestAuthenticator } from './request-authenticator.js';
import { keepTickShape } from './tick-shape.js';
import { OwnerResolvers } from '../authorization/owner-resolvers.js';
import { TokenPolicies } from '../authorization/token-policies.js';
import { assertGroups } from '../authorization/require-groups.decorator.js';
import { assertOwnerToken } from '../authorization/require-owner.decorator.js';
import { assertScopes } from '../authorization/require-scopes.decorator.js';
import { assertLogin } from '../authorization/step-up.decorators.js';
import { knownKinds } from '../authorization/route-requirements.js';
import { RoutePolicies } from '../authorization/route-policies.js';
import type { RoutePolicy } from '../authorization/route-policy.js';
import { maxSharedAgeMs, ResourceServerSettings } from '../options/resource-server-settings.js';
import { TokenLookup, type Verdict } from '../introspection/token-lookup.js';
import { TokenWatch } from './token-watch.js';
import { observed } from '../observability/guard-observer.js';
import { Refusal } from '../refusals/refusal.js';
import { Refusals } from '../refusals/refusals.js';

/** The properties of a request that rules and owner checks need. */
interface Call {
  readonly method: string;
  readonly params?: unknown;
}

type RoutedRequest = HttpRequest & Call;

// When the library is imported: the heap is often collected once more before Nest makes a guard.
keepTickShape();

/**
 * Protects every handler of the application. It checks the token, then login, scopes, groups, owner and policies.
 * Without a valid token, only handlers that are marked public are called.
 */
@Injectable()
export class AccessTokenGuard implements CanActivate {
  readonly #kinds = knownKinds();

  constructor(
    private readonly tokens: TokenLookup,
    private readonly refusals: Refusals,
    private readonly authenticator: RequestAuthenticator,
    private readonly watch: TokenWatch,
    private readonly adapterHost: HttpAdapterHost,
    private readonly settings: ResourceServerSettings,
    private readonly policies: RoutePolicies,
    private readonly owners: OwnerResolvers,
    private readonly tokenPolicies: TokenPolicies,
  ) {}

  /** Answers synchronously if the verdict is cached and no class of the application decides. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const { observers } = this.settings;
    if (observers.length === 0) return this.#decide(context);
    return observed(observers, context, () => this.#decide(context));
  }

  #decide(context: ExecutionContext): boolean | Promise<boolean> {
    // Without switchToHttp(), which creates three functions and changes the context for each request.
    const request = context.getArgByIndex<RoutedRequest>(0);
    if (context.getType() === 'http' && isHttpRequest(request)) {
      return this.#judge(context, request, this.policies.of(context), request);
    }
    const policy = this.policies.ofCall(context);
    if (policy.access('') === 'public') return this.#pass(context, { headers: {} }, null, policy);
    const source = requestOfCall(context, this.settings.requestOf);
    return this.#judge(context, source, policy, { method: '', params: parametersOf(context) });
  }

  /** @param request the request with the token */
  #judge(
    context: ExecutionContext,
    request: HttpRequest,
    policy: RoutePolicy,
    call: Call,
  ): boolean | Promise<boolean> {
    const access = policy.access(call.method);
    if (access === 'public') return this.#pass(context, request, null, policy);
    try {
      const bearer = access === 'required' ? requireBearerToken(request) : extractBearerToken(request);
      if (bearer === null) return this.#pass(context, request, null, policy);
      const token = this.authenticator.verdictOn(bearer);
      if (token instanceof Promise || policy.owners.length > 0 || policy.asksApplication) {
        return this.#admitLater(bearer, token, policy, request, call, context);
      }
      assertPolicy(token, policy, call);
      return this.#pass(context, request, token, policy);
    } catch (error) {
      throw this.#refusal(context, request, error);
    }
  }

  async #admitLater(
    bearer: string,
    answer: Verdict | Promise<Verdict>,
    policy: RoutePolicy,
    request: HttpRequest,
    call: Call,
    context: ExecutionContext,
  ): Promise<boolean> {
    try {
      const askedAt = performance.now();
      let token = await answer;
      assertPolicy(token, policy, call);
      const isRemembered = policy.asksApplication && this.tokens.getCached(bearer) !== undefined;
      for (const requirement of policy.owners) {
        await this.owners.assert(token, call.params, requirement, context);
      }
      for (const type of policy.policies) await this.tokenPolicies.assert(token, type, context);
      if (policy.asksApplication) {
        token = await this.#judgeAgain(bearer, token, isRemembered ? -Infinity : askedAt);
        assertPolicy(token, policy, call);
      }
      return this.#pass(context, request, token, policy);
    } catch (error) {
      throw this.#refusal(context, request, error);
    }
  }

  /**
   * Checks the token again, because a class of the application may have taken long, and the token may have been revoked
   * meanwhile.
   *
   * @param askedAt when the verdict was requested; `-Infinity` if it was cached: if it no longer is, it was revoked
   */
  async #judgeAgain(bearer: string, token: AccessToken, askedAt: number): Promise<Verdict> {
    const known = this.tokens.getCached(bearer);
    if (known !== undefined) return known;
    if (performance.now() - askedAt <= maxSharedAgeMs(this.settings)) return token;
    return this.tokens.lookUp(bearer);
  }

  #pass(
    context: ExecutionContext,
    request: HttpRequest,
    token: AccessToken | null,
    { isStream }: RoutePolicy,
  ): true {
    if (token !== null) {
      this.refusals.accepted();
      if (this.settings.requestUser !== null) request.user = this.settings.requestUser(token);
    }
    setPassed(context, this.#kinds);
    if (context.getType() !== 'http' || context.getArgByIndex(0) !== request) {
      judgeCarrier(context, { token, request, signals: this.watch, lifetime: socketOf(request) });
      return true;
    }
    const lifetime = context.getArgByIndex<unknown>(1);
    setJudgement(request, { token, request, signals: this.watch, lifetime });
    if (isStream && token !== null) {
      cutWithToken(request, closing(lifetime) as ServerResponse, this.watch);
    }
    return true;
  }

  /** @returns the error for the client */
  #refusal(context: ExecutionContext, request: HttpRequest, error: unknown): unknown {
    const isHttp = context.getType() === 'http' && context.getArgByIndex(0) === request;
    const nothing = { token: null, request, signals: this.watch, lifetime: null };
    if (isHttp) setJudgement(request, nothing);
    else judgeCarrier(context, nothing);
    const place = `${context.getClass().name}.${context.getHandler().name}`;
    const refusal = this.authenticator.refuse(error, place);
    if (isHttp && refusal instanceof BearerError) this.#prepare(context, refusal);
    return refusal;
  }

  /** Sets the challenge here too: a catch-all filter of the application may run before ours, and sets no headers. */
  #prepare(context: ExecutionContext, error: BearerError): void {
    const response: unknown = context.switchToHttp().getResponse();
    for (const [name, value] of Object.entries(error.headers(this.settings.challenge))) {
      this.adapterHost.httpAdapter.setHeader(response, name, value);
    }
  }
}

/** @throws BearerError unless the token is valid and meets all requirements except those of the application */
function assertPolicy(token: Verdict, policy: RoutePolicy, { method }: Call): asserts token is AccessToken {
  if (token instanceof Refusal) throw BearerError.invalidToken(token);
  if (policy.login !== null) assertLogin(token, policy.login);
  assertScopes(token, policy.scopes(method), policy.alternatives);
  if (policy.needsOwnerToken) assertOwnerToken(token);
  assertGroups(token, policy.groups);
}

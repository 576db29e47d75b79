import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, Logger } from '@nestjs/common';
import { ScopeSet } from '@latchkey/contracts';
import type { AccessToken } from '../claims/access-token.js';
import { BearerError } from '../refusals/bearer-error.js';
import { assertBearerToken, requireBearerToken, type HttpRequest } from '../request/bearer-token.js';
import { setJudgement } from '../request/judgement.js';
import { assertScopes } from '../authorization/require-scopes.decorator.js';
import { TokenLookup, type Verdict } from '../introspection/token-lookup.js';
import { TokenWatch } from './token-watch.js';
import { IntrospectionUnavailableError } from '../introspection/introspection-unavailable.error.js';
import { ResourceServerSettings } from '../options/resource-server-settings.js';
import { Refusal } from '../refusals/refusal.js';
import { Refusals } from '../refusals/refusals.js';

/** Requirements of a request beside a valid token. */
export interface RequestRequirements {
  /** All of these scopes, as with `@RequireScopes()`. */
  readonly scopes?: readonly string[];
}

/** The methods of Fastify's reply that are used. */
export interface HookReply {
  code(status: number): HookReply;
  headers(headers: Record<string, string>): HookReply;
  send(body: unknown): unknown;
}

/**
 * Authenticates requests that no guard checks, because no controller answers them: static files, API documentation,
 * responses of middleware. It accepts the same tokens as the guard, with the same refusals.
 */
@Injectable()
export class RequestAuthenticator {
  readonly #logger = new Logger('ResourceServer');

  constructor(
    private readonly tokens: TokenLookup,
    private readonly refusals: Refusals,
    private readonly watch: TokenWatch,
    private readonly settings: ResourceServerSettings,
  ) {}

  /**
   * Authenticates one request. From then on `accessTokenOf(request)` returns its token, until the guard checks the same
   * request again. The signal of `tokenSignalOf(request)` fires when the token is no longer valid.
   *
   * @param request of Node.js, Express or Fastify
   * @throws BearerError, which is an `HttpException`, unless the request has a valid token with all scopes
   */
  authenticate(request: HttpRequest, requirements: RequestRequirements = {}): Promise<AccessToken> {
    return this.#judge(request, requirements, request.raw?.socket ?? request.socket);
  }

  async #judge(
    request: HttpRequest,
    { scopes = [] }: RequestRequirements,
    lifetime: unknown,
  ): Promise<AccessToken> {
    const judged = { request, signals: this.watch, lifetime };
    try {
      const verdict = await this.verdictOn(requireBearerToken(request));
      if (verdict instanceof Refusal) throw BearerError.invalidToken(verdict);
      assertScopes(verdict, ScopeSet.of(scopes));
      this.refusals.accepted();
      if (this.settings.requestUser !== null) request.user = this.settings.requestUser(verdict);
      setJudgement(request, { ...judged, token: verdict });
      return verdict;
    } catch (error) {
      setJudgement(request, { ...judged, token: null });
      throw this.refuse(error, 'a request without a controller');
    }
  }

  /**
   * Middleware for `application.use()` and `consumer.apply()`, on Express and Fastify. It admits requests like
   * {@link authenticate}, and answers all others.
   *
   * @throws InvalidScopeSyntaxError when a name is no scope (RFC 6749 section 3.3)
   */
  middleware(
    requirements: RequestRequirements = {},
  ): (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void {
    ScopeSet.of(requirements.scopes ?? []);
    return (request, response, next) => {
      this.#judge(request, requirements, response).then(
        () => next(),
        (error: unknown) => {
          if (!(error instanceof BearerError)) return next(error);
          for (const [name, value] of this.#headers(error)) response.setHeader(name, value);
          response.statusCode = error.getStatus();
          response.setHeader('Content-Type', 'application/json; charset=utf-8');
          response.end(JSON.stringify(error.getResponse()));
        },
      );
    };
  }

  /**
   * An `onRequest` hook for Fastify, which does the same for all routes of its Fastify instance.
   *
   * @throws InvalidScopeSyntaxError when a name is no scope (RFC 6749 section 3.3)
   */
  hook(requirements: RequestRequirements = {}): (request: HttpRequest, reply: HookReply) => Promise<unknown> {
    ScopeSet.of(requirements.scopes ?? []);
    return async (request, reply) => {
      try {
        await this.#judge(request, requirements, reply);
        return undefined;
      } catch (error) {
        if (!(error instanceof BearerError)) throw error;
        const headers = Object.fromEntries(this.#headers(error));
        // The returned reply shows Fastify that the request is answered.
        return reply.code(error.getStatus()).headers(headers).send(error.getResponse());
      }
    };
  }

  /**
   * Answers synchronously if the verdict is cached, because awaiting it would cost more than the look-up.
   *
   * @throws BearerError when this cannot be a token
   * @throws IntrospectionUnavailableError
   */
  verdictOn(bearer: string): Verdict | Promise<Verdict> {
    const known = this.tokens.getCached(bearer);
    if (known !== undefined) return known;
    assertBearerToken(bearer);
    return this.tokens.lookUp(bearer);
  }

  /**
   * Logs and counts a refusal.
   *
   * @param place the target of the request, for the log
   * @returns the error for the client
   */
  refuse(error: unknown, place: string): unknown {
    let refusal = error;
    if (error instanceof IntrospectionUnavailableError) {
      this.#logger.error(`An access token cannot be checked: ${error.message}`);
      refusal = BearerError.temporarilyUnavailable(error.retryAfterSeconds, error.message);
    }
    if (refusal instanceof BearerError) this.refusals.record(refusal, place);
    return refusal;
  }

  #headers(error: BearerError): [string, string][] {
    return Object.entries(error.headers(this.settings.challenge));
  }
}

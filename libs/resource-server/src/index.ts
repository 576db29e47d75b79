export type { AccessToken } from './claims/access-token.js';
export { BearerError, type ChallengeContext } from './refusals/bearer-error.js';
export { CurrentToken, TokenSignal } from './bearer/current-token.decorator.js';
export { FreshnessStatus, type FeedState, type FreshnessCounters } from './feed/freshness-status.js';
export { readIntrospectionResponse } from './introspection/introspection-response.js';
export { IntrospectionUnavailableError } from './introspection/introspection-unavailable.error.js';
export { accessTokenOf, isJudged, tokenSignalOf } from './request/judgement.js';
export { OptionalToken } from './authorization/optional-token.decorator.js';
export { Public } from './authorization/public.decorator.js';
export { RequireAnyScope } from './authorization/require-any-scope.decorator.js';
export { RequireGroups } from './authorization/require-groups.decorator.js';
export {
  RequireOwner,
  RequireOwnerToken,
  type RequireOwnerOptions,
} from './authorization/require-owner.decorator.js';
export { RequirePolicy, type TokenPolicy } from './authorization/require-policy.decorator.js';
export { RequireScopes } from './authorization/require-scopes.decorator.js';
export { RequireAcr, RequireFreshLogin } from './authorization/step-up.decorators.js';
export { ResourceOwnerResolver } from './authorization/resource-owner-resolver.js';
export { ResourceOwner } from './bearer/resource-owner.decorator.js';
export type {
  CacheOptions,
  CircuitBreakerOptions,
  ResourceMetadataOptions,
  ResourceServerOptions,
  RevocationFeedOptions,
} from './options/resource-server-options.js';
export type { ClaimOptions, IssuerOptions, IssuerResolver, JwksOptions } from './options/issuer-options.js';
export type { ClaimTest } from './claims/access-token-claims.js';
export type { ClaimsParser } from './claims/custom-claims.js';
export { auth0, cognito, entra, keycloak, okta, type ProviderIssuer } from './options/issuer-presets.js';
export { GuardHealth, type GuardHealthResult } from './bearer/guard-health.js';
export type { GuardDecision, GuardObserver } from './observability/guard-observer.js';
export { openTelemetryObserver } from './observability/open-telemetry-observer.js';
export { prometheusObserver } from './observability/prometheus-observer.js';
export { Refusal, type RefusalReason } from './refusals/refusal.js';
export { Refusals } from './refusals/refusals.js';
export {
  RequestAuthenticator,
  type HookReply,
  type RequestRequirements,
} from './bearer/request-authenticator.js';
export type { HttpRequest } from './request/bearer-token.js';
export type { RouteDecorator } from './authorization/route-requirements.js';
export { SocketAuthenticator } from './sockets/socket-authenticator.js';
export type { CallContext } from './request/carriers.js';
export type { RequestOf } from './request/context-requests.js';
export { isResourceIdentifier, metadataUrl } from './options/resource-identifier.js';
export type { ResourceMetadata } from './options/resource-metadata.js';
export { ResourceServerModule } from './resource-server.module.js';
export { TokenIntrospector } from './options/token-introspector.js';
export { ScopeSet } from '@latchkey/contracts';

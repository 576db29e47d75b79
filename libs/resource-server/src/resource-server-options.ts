import type { TokenIntrospector } from './token-introspector.js';

/** How to reach the authorization server, and what a token must say to be accepted. */
export interface ResourceServerOptions {
  /** The authorization server's token introspection endpoint (RFC 7662). Required without an `introspector`. */
  introspectionEndpoint?: string;
  /** This resource server's own credentials at the authorization server. Required without an `introspector`. */
  clientId?: string;
  clientSecret?: string;
  /** Another way of asking, in place of an endpoint. */
  introspector?: TokenIntrospector;
  /** The `iss` that every token must have, compared character by character. */
  issuer: string;
  /** Who this API is: one of the token's `aud` values must equal it. */
  audience: string;
  /** What challenges name as protection space (RFC 9110 section 11.5). Default: the audience. */
  realm?: string;
  /** How long one introspection may take in all, in milliseconds. Default 2,000. */
  timeoutMs?: number;
}

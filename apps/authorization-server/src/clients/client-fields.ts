import { GRANT_TYPES, SIGNING_ALGORITHMS } from '@latchkey/contracts';
import type { Fields, FieldValues, WrittenFields } from '../fields/field.js';
import { SECOND_FACTOR_FIELDS } from '../fields/second-factor-rule.js';

/** Whether a client can keep a secret (RFC 6749 section 2.1). */
export const CLIENT_TYPES = ['confidential', 'public'] as const;

export const ACCESS_TOKEN_FORMATS = ['jwt', 'opaque'] as const;

export type AccessTokenFormat = (typeof ACCESS_TOKEN_FORMATS)[number];

/** `none`: no refresh tokens; `limited`: a number of uses; `unlimited`: until the lifetime ends. */
export const REFRESH_TOKEN_POLICIES = ['none', 'limited', 'unlimited'] as const;

/** Ten years. */
const MAX_SECONDS = 315_360_000;

/**
 * All registered fields of a client beside its `client_id` (RFC 7591 section 2, and our extensions). `null` lifetimes
 * use the server's default.
 */
export const CLIENT_FIELDS = {
  clientName: {
    name: 'client_name',
    type: 'text',
    min: 1,
    max: 255,
    default: null,
    meaning: 'name for people (default: the client_id)',
  },
  clientType: {
    name: 'client_type',
    type: 'choice',
    choices: CLIENT_TYPES,
    default: 'confidential',
    meaning: CLIENT_TYPES.join(' or '),
  },
  grantTypes: {
    name: 'grant_types',
    type: 'choices',
    choices: GRANT_TYPES,
    default: [],
    meaning: `any of ${GRANT_TYPES.join(', ')}`,
  },
  /** The scopes that the client may request. */
  scope: {
    name: 'scope',
    type: 'scope',
    orNone: true,
    default: '',
    meaning: 'scopes that it may ask for, in one argument',
  },
  /** The scope of a request without `scope`; `null`: such a request is refused. */
  defaultScope: {
    name: 'default_scope',
    type: 'scope',
    orNone: true,
    nullable: true,
    meaning: 'scopes that it gets when it asks for none',
  },
  /** The APIs that its tokens are for; for a client that introspects: its own identifiers. */
  audience: {
    name: 'audience',
    type: 'audience',
    default: [],
    meaning: 'APIs that its tokens are for, or what a resource server is',
  },
  accessTokenFormat: {
    name: 'access_token_format',
    type: 'choice',
    choices: ACCESS_TOKEN_FORMATS,
    default: 'jwt',
    meaning: ACCESS_TOKEN_FORMATS.join(' or '),
  },
  /** The algorithm for JWTs. */
  accessTokenSigningAlg: {
    name: 'access_token_signing_alg',
    type: 'choice',
    choices: SIGNING_ALGORITHMS,
    default: 'ES256',
    meaning: `signature of a JWT: ${SIGNING_ALGORITHMS.join(' or ')}`,
  },
  accessTokenTtl: {
    name: 'access_token_ttl',
    type: 'integer',
    min: 1,
    max: 86_400,
    nullable: true,
    meaning: 'seconds',
  },
  refreshTokenPolicy: {
    name: 'refresh_token_policy',
    type: 'choice',
    choices: REFRESH_TOKEN_POLICIES,
    default: null,
    meaning: REFRESH_TOKEN_POLICIES.join(', '),
  },
  /** Rotations that the policy `limited` allows; `null` with other policies. */
  refreshTokenMaxUses: {
    name: 'refresh_token_max_uses',
    type: 'integer',
    min: 1,
    max: 1_000_000_000,
    nullable: true,
    meaning: 'with the policy limited',
  },
  refreshTokenTtl: {
    name: 'refresh_token_ttl',
    type: 'integer',
    min: 1,
    max: MAX_SECONDS,
    nullable: true,
    meaning: 'seconds from the login',
  },
  refreshTokenIdleTtl: {
    name: 'refresh_token_idle_ttl',
    type: 'integer',
    min: 1,
    max: MAX_SECONDS,
    nullable: true,
    meaning: 'seconds without a refresh',
  },
  refreshTokenGrace: {
    name: 'refresh_token_grace',
    type: 'integer',
    min: 0,
    max: 300,
    nullable: true,
    meaning: 'seconds in which a retry gets the same answer',
  },
  /** How often a spent refresh token gets the same answer within the grace; `null`: no limit. */
  refreshTokenMaxRetries: {
    name: 'refresh_token_max_retries',
    type: 'integer',
    min: 1,
    max: 100,
    nullable: true,
    meaning: 'how often it does (default: always)',
  },
  mayIntrospect: {
    name: 'may_introspect',
    type: 'boolean',
    default: false,
    meaning: 'it is a resource server',
  },
  forwardsEndUserAddress: {
    name: 'forwards_end_user_address',
    type: 'boolean',
    default: false,
    meaning: 'its Latchkey-Forwarded-For header is believed',
  },
  /** Last day (UTC, `YYYY-MM-DD`) of the password grant; `null`: no end. */
  passwordGrantUntil: {
    name: 'password_grant_until',
    type: 'date',
    nullable: true,
    meaning: 'last day of its password grant, as 2027-12-31, or 90d from now',
  },
  ...SECOND_FACTOR_FIELDS,
} as const satisfies Fields;

/** The registration of a client: everything except its secrets and its state. */
export type ClientRegistration = { readonly clientId: string } & FieldValues<typeof CLIENT_FIELDS>;

/** The same in the form of files and the administration API; missing members have their defaults. */
export type ClientMetadata = WrittenFields<typeof CLIENT_FIELDS>;

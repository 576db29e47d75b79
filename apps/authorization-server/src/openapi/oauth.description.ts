import { GRANT_TYPES, SIGNING_ALGORITHMS, type SigningAlgorithm } from '@latchkey/contracts';
import {
  INTEGER,
  listOf,
  objectSchema,
  schemaNamed,
  TEXT,
  type ApiDescription,
  type JsonSchema,
  type DescribedAnswer,
  type Operation,
} from '@latchkey/platform/openapi';
import { scopeSchema } from './requests.js';

/** A refusal in the form of RFC 6749 section 5.2. */
export function refusal(description: string): DescribedAnswer {
  return { description, schema: schemaNamed('Error') };
}

const EXAMPLE_TOKEN = 'lk_rt_Zm9yIGV4YW1wbGUgb25seSwgbm90aGluZyB0byB1c2U';
const EXAMPLE_EVENT =
  'id: 17\nevent: user\ndata: {"sub":"0193a3b2-1111-7abc-8def-0123456789ab","epoch":4}\n\n';

const UNAVAILABLE = refusal('The server is busy, or its database does not answer');

/** An endpoint for clients, which takes a form (RFC 6749 section 2.3). */
function formEndpoint(
  id: string,
  summary: string,
  parameters: JsonSchema,
  example: object,
  success: DescribedAnswer,
): Operation {
  const { properties, ...rest } = parameters;
  const credentials = { client_id: TEXT, client_secret: TEXT };
  const schema = {
    ...rest,
    properties: { ...(properties as object), ...credentials },
    additionalProperties: TEXT,
  };
  return {
    id,
    summary,
    // Or in the form, for which OpenAPI has no name: so it may do without.
    security: [{ clientBasic: [] }, {}],
    body: { types: ['application/x-www-form-urlencoded'], schema, required: true, example },
    answers: {
      200: success,
      400: refusal('RFC 6749 section 5.2: `error` says what is wrong'),
      401: refusal('The client cannot be authenticated'),
      413: refusal('The body is too large'),
      503: UNAVAILABLE,
    },
  };
}

/** An endpoint at which each client has a rate. */
function rated(operation: Operation): Operation {
  const answers = { ...operation.answers, 429: refusal('The client sends too many requests') };
  return { ...operation, answers };
}

const mayNotIntrospect = { 403: refusal('The client may not introspect') };

const introspection = formEndpoint(
  'introspect',
  'Tells whether a token is good, and what for (RFC 7662)',
  objectSchema({ token: TEXT }, { token_type_hint: TEXT }),
  { token: EXAMPLE_TOKEN },
  { description: 'What is known of the token', schema: schemaNamed('Introspection') },
);

/** The endpoints of the OAuth 2.0 protocol. */
export const oauthDescription: ApiDescription = {
  operations: {
    'POST /oauth/token': rated(
      formEndpoint(
        'requestToken',
        'Issues tokens (RFC 6749 section 3.2)',
        objectSchema(
          { grant_type: { enum: GRANT_TYPES } },
          {
            username: TEXT,
            password: TEXT,
            refresh_token: TEXT,
            scope: scopeSchema,
            resource: { type: 'string', description: 'An audience (RFC 8707); may be repeated' },
          },
        ),
        {
          grant_type: 'password',
          username: 'erin',
          password: 'a lantern in the fog',
          scope: 'resources:read',
        },
        {
          description: 'The tokens',
          schema: schemaNamed('Tokens'),
          example: { refresh_token: EXAMPLE_TOKEN },
        },
      ),
    ),
    'POST /oauth/introspect': {
      ...introspection,
      answers: { ...introspection.answers, ...mayNotIntrospect },
    },
    'POST /oauth/revoke': rated(
      formEndpoint(
        'revokeToken',
        'Ends a login by any of its tokens (RFC 7009); a live token of another client is refused',
        objectSchema({ token: TEXT }, { token_type_hint: TEXT }),
        { token: EXAMPLE_TOKEN },
        { description: 'The token is of no use, whatever it was', schema: objectSchema({}) },
      ),
    ),
    'GET /oauth/revocations': {
      id: 'followRevocations',
      summary: 'The revocation feed: tells resource servers at once what ends tokens',
      security: [{ clientBasic: [] }],
      answers: {
        200: {
          description: 'Events without end',
          schema: TEXT,
          type: 'text/event-stream',
          example: EXAMPLE_EVENT,
        },
        400: refusal('It takes no parameters'),
        401: refusal('The client cannot be authenticated'),
        ...mayNotIntrospect,
        503: UNAVAILABLE,
      },
    },
    'GET /oauth/jwks': {
      id: 'readKeys',
      summary: 'The keys that verify JWT access tokens (RFC 7517)',
      security: [],
      answers: { 200: { description: 'The keys', schema: schemaNamed('Jwks') } },
    },
    'GET /.well-known/oauth-authorization-server': {
      id: 'readMetadata',
      summary: 'What the server can do, and where (RFC 8414)',
      security: [],
      answers: { 200: { description: 'The metadata', schema: schemaNamed('Metadata') } },
    },
  },
  schemas: {
    Tokens: objectSchema(
      { access_token: TEXT, token_type: { const: 'Bearer' }, expires_in: INTEGER, scope: scopeSchema },
      { refresh_token: TEXT },
    ),
    Introspection: {
      oneOf: [
        objectSchema({ active: { const: false } }),
        objectSchema(
          {
            active: { const: true },
            scope: scopeSchema,
            client_id: TEXT,
            token_type: { const: 'Bearer' },
            exp: INTEGER,
            iat: INTEGER,
            sub: TEXT,
            aud: { anyOf: [TEXT, listOf(TEXT)] },
            iss: TEXT,
            jti: TEXT,
            sid: TEXT,
            auth_time: INTEGER,
            client_epoch: INTEGER,
          },
          { username: TEXT, user_epoch: INTEGER, groups: listOf(TEXT) },
        ),
      ],
    },
    Jwks: objectSchema({
      keys: listOf({
        anyOf: [
          jwkSchema('ES256', 'EC', { crv: { const: 'P-256' }, x: TEXT, y: TEXT }),
          jwkSchema('RS256', 'RSA', { n: TEXT, e: TEXT }),
        ],
      }),
    }),
    Metadata: objectSchema({
      issuer: TEXT,
      token_endpoint: TEXT,
      introspection_endpoint: TEXT,
      revocation_endpoint: TEXT,
      revocation_feed_endpoint: TEXT,
      jwks_uri: TEXT,
      scopes_supported: listOf(TEXT),
      grant_types_supported: listOf({ enum: GRANT_TYPES }),
      access_token_signing_alg_values_supported: listOf({ enum: SIGNING_ALGORITHMS }),
      token_endpoint_auth_methods_supported: listOf(TEXT),
      introspection_endpoint_auth_methods_supported: listOf(TEXT),
      revocation_endpoint_auth_methods_supported: listOf(TEXT),
    }),
  },
};

function jwkSchema(alg: SigningAlgorithm, kty: string, parameters: Record<string, JsonSchema>): JsonSchema {
  return objectSchema({
    kty: { const: kty },
    ...parameters,
    kid: TEXT,
    use: { const: 'sig' },
    alg: { const: alg },
  });
}

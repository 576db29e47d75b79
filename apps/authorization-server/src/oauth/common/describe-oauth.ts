import {
  listOf,
  named,
  OAUTH_ERROR,
  objectSchema,
  oneOf,
  TEXT,
  type ApiPart,
  type DescribedBody,
  type Schema,
} from '@latchkey/platform/openapi';

type Parameters = Readonly<Record<string, Schema<unknown>>>;

/** A public endpoint of the protocol. */
export const PUBLIC_PART: ApiPart = {
  tag: 'OAuth',
  security: () => [],
  refusals: () => ({}),
  refusal: OAUTH_ERROR,
};

const BASIC: Readonly<Record<string, readonly string[]>> = { clientBasic: [] };

const FACTORS = listOf(
  objectSchema(
    { type: oneOf('otp', 'passkey', 'email', 'recovery-code') },
    { authenticator_id: TEXT, sent_to: TEXT },
  ),
);

/** Also with the data that a client needs to go on after `mfa_required`. */
const CLIENT_ERROR = named(
  'ClientError',
  objectSchema(
    { error: TEXT },
    {
      error_description: TEXT,
      mfa_token: TEXT,
      mfa_requirements: objectSchema({}, { challenge: FACTORS, enroll: FACTORS }),
    },
  ),
);

/** An endpoint of the protocol for clients (RFC 6749 section 2.3). */
export const CLIENT_PART: ApiPart = {
  tag: 'OAuth',
  // A form may contain the credentials, which no security scheme of OpenAPI describes: so a POST may have none.
  security: (method) => (method === 'GET' ? [BASIC] : [BASIC, {}]),
  refusals: ({ method }) => ({
    400: 'RFC 6749 section 5.2: `error` says what is wrong',
    401: 'The client cannot be authenticated',
    ...(method !== 'GET' && { 413: 'The body is too large' }),
    503: 'The server is busy, or its database does not answer',
  }),
  refusal: CLIENT_ERROR,
};

/** An endpoint that accepts the `mfa_token` of a waiting login as a bearer token. */
export const MFA_TOKEN_PART: ApiPart = {
  tag: 'OAuth',
  security: () => [{ mfaToken: [] }],
  refusals: () => ({
    400: 'The request is malformed',
    401: 'The mfa_token is unknown, expired or spent',
    503: 'The server is busy, or its database does not answer',
  }),
  refusal: OAUTH_ERROR,
};

/** For endpoints with a rate per client. */
export const RATED = { 429: 'The client sends too many requests' };

export const MAY_NOT_INTROSPECT = { 403: 'The client may not introspect' };

/** A form, which may also contain the client's credentials and other parameters (RFC 6749 section 3.2). */
export function formBody(required: Parameters, optional: Parameters): DescribedBody {
  const credentials = { client_id: TEXT, client_secret: TEXT };
  const schema = { ...objectSchema(required, { ...optional, ...credentials }), additionalProperties: TEXT };
  return { types: ['application/x-www-form-urlencoded'], schema };
}

/** A token and a hint of its type (RFC 7009 section 2.1, RFC 7662 section 2.1). */
export const TOKEN_FORM = formBody({ token: TEXT }, { token_type_hint: TEXT });

export const EXAMPLE_TOKEN = 'lk_rt_Zm9yIGV4YW1wbGUgb25seSwgbm90aGluZyB0byB1c2U';

import { packageVersion, type OpenApiOptions, type RuleSchemas } from '@latchkey/platform/openapi';

const SUB = '0193a3b2-1111-7abc-8def-0123456789ab';
const OTPAUTH_URI =
  'otpauth://totp/id.example.com:erin?issuer=id.example.com&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const CHALLENGE = 'KEDetxZcUfinhVi6Za5nZEr6nxVMoJWuPUWOXaPKOBQ';
const PASSKEYS = [{ type: 'public-key', id: 'AbCdEfGhIjKlMnOpQrStUv', transports: ['internal', 'hybrid'] }];

/** Examples of members and parameters, by name. */
const examples = {
  access_token: 'lk_at_Zm9yIGV4YW1wbGUgb25seSwgbm90aGluZyB0byB1c2U',
  access_token_ttl: 300,
  access_token_signing_alg_values_supported: ['ES256', 'RS256'],
  actor: 'console',
  alg: 'ES256',
  address: '203.0.113.9',
  allowCredentials: PASSKEYS,
  aud: 'https://api.example.com/',
  audience: ['https://api.example.com/'],
  auth_time: 1796212800,
  challenge: CHALLENGE,
  changes: [{ kind: 'scope', name: 'reports:read', action: 'create', fields: [], note: null }],
  client_epoch: 0,
  client_id: 'shop-backend',
  client_name: 'Shop',
  count: 1,
  default_scope: 'resources:read',
  description: 'Read what the owner has',
  detail: { changes: [{ field: 'client_name', from: 'Shop', to: 'Shop of Erin' }] },
  excludeCredentials: PASSKEYS,
  exp: 1796213100,
  expires_in: 300,
  field: 'username',
  groups: ['staff'],
  iat: 1796212800,
  id: '0193a3b2-2222-7abc-8def-0123456789ab',
  imported: 1,
  introspection_endpoint: 'https://id.example.com/oauth/introspect',
  iss: 'https://id.example.com',
  issuer: 'https://id.example.com',
  jti: '0193a3b2-3333-7abc-8def-0123456789ab',
  jwks_uri: 'https://id.example.com/oauth/jwks',
  kid: 'Zm9yZXhhbXA',
  authenticator_id: '0193a3b2-6666-7abc-8def-0123456789ab',
  barcode_uri: OTPAUTH_URI,
  codes: ['abcd-efgh-ijkl-mn23', 'qrst-uvwx-yz23-4567'],
  oob_code: 'Zm9yIGV4YW1wbGUgb25seQ',
  otpauth_uri: OTPAUTH_URI,
  recovery_codes: 10,
  secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
  logins: 17,
  name: 'resources:read',
  next_cursor: null,
  password_grant_until: '2027-06-30',
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
  purpose: 'signing',
  refresh_token_grace: 10,
  refresh_token_idle_ttl: 604_800,
  refresh_token_ttl: 2_592_000,
  refreshes_left: null,
  request_id: '0193a3b2-5555-7abc-8def-0123456789ab',
  revocation_endpoint: 'https://id.example.com/oauth/revoke',
  revocation_feed_endpoint: 'https://id.example.com/oauth/revocations',
  revoked_at: null,
  rp: { id: 'example.com', name: 'example.com' },
  rpId: 'example.com',
  scope: 'resources:read',
  scopes_supported: ['resources:read', 'resources:write'],
  sent_to: 'e***@e***',
  sid: '0193a3b2-2222-7abc-8def-0123456789ab',
  sub: SUB,
  subject: SUB,
  timeout: 300_000,
  token_endpoint: 'https://id.example.com/oauth/token',
  introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  acr_values_supported: ['urn:latchkey:acr:pwd', 'urn:latchkey:acr:mfa', 'urn:latchkey:acr:phr'],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  state: 'active',
  user: { id: '1WuPUWOXaPKOBQKEDetxZcUfinhVi6Za5nZEr6nxVMo', name: 'erin', displayName: 'erin' },
  username: 'erin',
  users: 12,
  without_second_factor: 3,
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
};

/** A scope name (RFC 6749 section 3.3). */
const SCOPE_NAME = '[\\x21\\x23-\\x5B\\x5D-\\x7E]+';

/** The schemas of our own validation rules. */
const rules: RuleSchemas = {
  isVschar: () => ({ type: 'string', pattern: '^[\\x20-\\x7E]*$' }),
  isScopeName: () => ({ type: 'string', pattern: `^${SCOPE_NAME}$` }),
  isScope: () => ({ type: 'string', description: 'Scope names separated by single spaces' }),
  isScopeOrNone: () => ({
    type: 'string',
    description: 'Scope names separated by single spaces; empty for none',
  }),
  isAudience: () => ({ type: 'string', description: 'An absolute URI without a fragment' }),
  isEmailAddress: () => ({ type: 'string', format: 'email', maxLength: 254 }),
  isCalendarDate: () => ({ type: 'string', format: 'date' }),
  isTimestamp: () => ({ type: 'string', format: 'date-time' }),
  isClientSecretHash: () => ({ type: 'string', pattern: '^\\$sha256\\$[A-Za-z0-9_-]{43}$' }),
};

/** The parts of the API description (OpenAPI 3.1) beside the endpoints, which controllers describe. */
export const API_DESCRIPTION: OpenApiOptions = {
  title: 'Latchkey authorization server',
  version: packageVersion(import.meta.url),
  url: 'http://localhost:3000',
  description:
    'Issues, describes and revokes OAuth 2.0 tokens, and is administered under /admin. There, null members of a ' +
    'request count as absent, except in a merge patch, and a token with the scope admin:AREA may also read.',
  securitySchemes: {
    clientBasic: {
      type: 'http',
      scheme: 'basic',
      description: 'client_id and secret (RFC 6749 section 2.3.1)',
    },
    mfaToken: {
      type: 'http',
      scheme: 'bearer',
      description: 'The mfa_token of a login that waits for a second factor',
    },
    bearer: { type: 'http', scheme: 'bearer', description: 'An access token with the scopes that are named' },
  },
  examples,
  rules,
};

import fc from 'fast-check';
import type { Configuration } from './builders.js';

/** An argon2id hash of the least cost that is accepted, so that applying it costs nothing. */
export const PASSWORD_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IGhlcmU$q0w8wnFJxXkHtPjSH0lHRCnZxUVhPHD/8sxVHKUkWR0';

const SCOPES = ['read', 'write', 'orders:read', 'a%b_c'];
const SECRET_HASH = `$sha256$${'A'.repeat(43)}`;

const sometimes = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

const scope = fc.subarray(SCOPES, { minLength: 1 }).map((names) => names.join(' '));

const secrets = fc.constantFrom(
  { client_secret_hash: SECRET_HASH },
  { client_secrets: [{ hash: SECRET_HASH, expires_at: '2999-01-01T00:00:00Z' }, { hash: SECRET_HASH }] },
);

const confidential = fc
  .tuple(
    fc.record({
      client_name: sometimes(fc.string({ minLength: 1, maxLength: 20 })),
      grant_types: fc.subarray(['password', 'refresh_token', 'client_credentials']),
      scope: sometimes(scope),
      audience: fc.constantFrom(['https://a.example'], ['https://a.example', 'https://b.example']),
      access_token_format: sometimes(fc.constantFrom('jwt', 'opaque')),
      access_token_signing_alg: sometimes(fc.constantFrom('ES256', 'RS256')),
      access_token_ttl: sometimes(fc.integer({ min: 1, max: 600 })),
      may_introspect: sometimes(fc.boolean()),
      password_grant_until: sometimes(fc.constantFrom('2999-12-31', '2030-01-01')),
      second_factor: sometimes(fc.constantFrom('off', 'if_enrolled', 'required')),
      second_factor_from: sometimes(fc.constantFrom('2999-12-31', '2030-01-01')),
      enabled: sometimes(fc.boolean()),
      reset: sometimes(fc.boolean()),
    }),
    secrets,
  )
  .map(([entry, given]) => ({ ...entry, ...given }));

const publicClient = fc.record({
  client_type: fc.constant('public'),
  grant_types: fc.constant(['refresh_token']),
  audience: fc.constant(['https://a.example']),
  enabled: sometimes(fc.boolean()),
});

const user = fc.record({
  password_hash: fc.constant(PASSWORD_HASH),
  groups: sometimes(fc.uniqueArray(fc.string({ minLength: 1, maxLength: 5 }), { maxLength: 3 })),
  allowed_scope: sometimes(scope),
  enabled: sometimes(fc.boolean()),
  reset: sometimes(fc.boolean()),
});

/** Some of the names, with an entry each. */
function named<T extends object>(key: string, names: string[], entry: fc.Arbitrary<T>) {
  return fc
    .subarray(names)
    .chain((chosen) =>
      fc
        .tuple(...chosen.map(() => entry))
        .map((entries) => entries.map((content, index) => ({ [key]: chosen[index], ...content }))),
    );
}

/** Configuration files without a mistake, about few names, so that one after the other meets what is there. */
export const configurations: fc.Arbitrary<Configuration> = fc
  .record({
    scopes: fc
      .array(sometimes(fc.string({ maxLength: 10 })), { minLength: SCOPES.length, maxLength: SCOPES.length })
      .map((descriptions) => SCOPES.map((name, index) => ({ name, description: descriptions[index] }))),
    clients: named('client_id', ['shop', 'Shop', 'api', 'report'], fc.oneof(confidential, publicClient)),
    users: named('username', ['alice', 'bob', 'carol', 'дмитрий'], user),
  })
  // What a key without a value would be in a file: absent.
  .map((configuration) => JSON.parse(JSON.stringify(configuration)) as Configuration);

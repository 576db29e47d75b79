import {
  base64,
  bcrypt,
  CUT_OFF,
  digestOfLength,
  dotted,
  hex,
  PasswordHashError,
  pbkdf2,
  plain,
  saltedDigest,
  scrypt,
  step,
  urlSafe,
  type Pbkdf2Digest,
} from './hash-texts.js';

const BASE64 = '[A-Za-z0-9+/]+={0,2}';
/** The alphabet of passlib and OpenLDAP, with "." for "+". */
const DOTTED = '[A-Za-z0-9./+]+={0,2}';
/** A textual salt, which "$" ends. */
const TEXT = '[\\x21-\\x23\\x25-\\x7e]{1,128}';
const BCRYPT_SALT = '[./A-Za-z0-9]{22}';
const BCRYPT_DIGEST = '[./A-Za-z0-9]{31}';

/**
 * Converts the texts of other systems to ours: the stored format (see `STORED_FORMATS`) with the steps before it, or
 * `$digest$` and hex, for a digest that is hashed again before it is stored.
 */
export const SYSTEM_FORMATS: readonly (readonly [RegExp, (...groups: string[]) => string])[] = [
  // A scheme before a text that identifies its algorithm itself: Spring Security, OpenLDAP, Dovecot.
  [
    /^\{(?:bcrypt|argon2(?:@SpringSecurity_v5_8)?|argon2id?|blf-crypt|crypt|(?:md5|sha256|sha512)-crypt)\}(\$.+)$/i,
    (hash) => hash,
  ],
  [/^\{ldap\}(\{.+)$/, (hash) => hash],

  // Spring Security
  [
    new RegExp(`^\\{scrypt(?:@SpringSecurity_v5_8)?\\}\\$([0-9a-f]{1,8})\\$(${BASE64})\\$(${BASE64})$`),
    (parameters, salt, digest) => {
      const bits = Number.parseInt(parameters, 16);
      return scrypt(2 ** (bits >>> 16), (bits >>> 8) & 0xff, bits & 0xff, base64(salt), base64(digest));
    },
  ],
  [
    /^\{pbkdf2\}([0-9a-f]{16})([0-9a-f]{64})$/,
    (salt, digest) => pbkdf2('sha1', 185_000, hex(salt), hex(digest)),
  ],
  [
    /^\{pbkdf2@SpringSecurity_v5_8\}([0-9a-f]{32})([0-9a-f]{64})$/,
    (salt, digest) => pbkdf2('sha256', 310_000, hex(salt), hex(digest)),
  ],
  [
    /^\{(?:MD5|SHA-1|SHA-256)\}(\{[^{}]{0,128}\}|)((?:[0-9a-f]{8}){4,8})$/,
    (salt, digest) => saltedDigest(hex(digest), salt, 'end'),
  ],

  // LDAP directories
  [
    new RegExp(`^\\{(S?)(MD5|SHA|SHA1|SHA256|SHA384|SHA512)\\}(${BASE64})$`, 'i'),
    (salted, name, text) => {
      const bytes = base64(text);
      const length =
        { MD5: 16, SHA: 20, SHA1: 20, SHA256: 32, SHA384: 48, SHA512: 64 }[name.toUpperCase()] ?? 0;
      if (salted === '' ? bytes.length !== length : bytes.length <= length)
        throw new PasswordHashError(CUT_OFF);
      return saltedDigest(bytes.subarray(0, length), bytes.subarray(length), 'end');
    },
  ],
  [
    new RegExp(`^\\{PBKDF2(?:-SHA(1|256|512))?\\}(\\d{1,8})\\$(${DOTTED})\\$(${DOTTED})$`, 'i'),
    (bits = '1', iterations, salt, digest) =>
      pbkdf2(`sha${bits}` as Pbkdf2Digest, Number(iterations), dotted(salt), dotted(digest)),
  ],
  [
    // Atlassian
    new RegExp(`^\\{PKCS5S2\\}(${BASE64})$`, 'i'),
    (text) => pbkdf2('sha1', 10_000, base64(text).subarray(0, 16), base64(text).subarray(16)),
  ],

  // Django, with textual salts
  [/^argon2(\$argon2.+)$/, (hash) => hash],
  [/^bcrypt\$(\$2.+)$/, (hash) => hash],
  [/^bcrypt_sha256\$(\$2.+)$/, (hash) => `{sha256-hex}${hash}`],
  [
    new RegExp(`^pbkdf2_(sha256|sha1)\\$(\\d{1,8})\\$(${TEXT})\\$([A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{27}=)$`),
    (name, iterations, salt, digest) => {
      const bytes = base64(digest);
      if (digestOfLength(bytes) !== name) throw new PasswordHashError(CUT_OFF);
      return pbkdf2(name as 'sha1' | 'sha256', Number(iterations), Buffer.from(salt), bytes);
    },
  ],
  [
    new RegExp(`^scrypt\\$(\\d{1,9})\\$(${TEXT})\\$(\\d{1,3})\\$(\\d{1,2})\\$(${BASE64})$`),
    (n, salt, r, p, digest) => scrypt(Number(n), Number(r), Number(p), Buffer.from(salt), base64(digest)),
  ],
  [
    new RegExp(`^(?:md5|sha1)\\$(${TEXT}|)\\$((?:[0-9a-f]{8}){4,5})$`),
    (salt, digest) => saltedDigest(hex(digest), salt, 'start'),
  ],

  // werkzeug, with textual salts; Grafana and Discourse, converted to this format
  [
    new RegExp(`^pbkdf2:(sha1|sha256|sha384|sha512):(\\d{1,8})\\$(${TEXT})\\$([0-9a-f]{1,256})$`),
    (name, iterations, salt, digest) =>
      pbkdf2(name as Pbkdf2Digest, Number(iterations), Buffer.from(salt), hex(digest)),
  ],
  [
    new RegExp(`^scrypt:(\\d{1,9}):(\\d{1,3}):(\\d{1,2})\\$(${TEXT})\\$([0-9a-f]{1,256})$`),
    (n, r, p, salt, digest) => scrypt(Number(n), Number(r), Number(p), Buffer.from(salt), hex(digest)),
  ],
  [
    new RegExp(`^(?:sha256|sha512)\\$(${TEXT})\\$([0-9a-f]{64}|[0-9a-f]{128})$`),
    (salt, digest) => saltedDigest(hex(digest), salt, 'key'),
  ],

  // passlib
  [
    new RegExp(`^\\$pbkdf2(?:-sha(256|512))?\\$(\\d{1,8})\\$(${DOTTED})\\$(${DOTTED})$`),
    (bits = '1', iterations, salt, digest) =>
      pbkdf2(`sha${bits}` as Pbkdf2Digest, Number(iterations), dotted(salt), dotted(digest)),
  ],
  [
    new RegExp(`^\\$bcrypt-sha256\\$2[ab],(\\d\\d?)\\$(${BCRYPT_SALT})\\$(${BCRYPT_DIGEST})$`),
    (cost, salt, digest) => `{sha256-base64}${bcrypt(cost, salt, digest)}`,
  ],
  [
    new RegExp(`^\\$bcrypt-sha256\\$v=2,t=2[ab],r=(\\d\\d?)\\$(${BCRYPT_SALT})\\$(${BCRYPT_DIGEST})$`),
    (cost, salt, digest) => `${step('sha256-base64', salt, 'key')}${bcrypt(cost, salt, digest)}`,
  ],
  [
    /^grub\.pbkdf2\.sha512\.(\d{1,8})\.([0-9A-F]{2,256})\.([0-9A-F]{2,256})$/i,
    (iterations, salt, digest) => pbkdf2('sha512', Number(iterations), hex(salt), hex(digest)),
  ],
  [
    /^\$p5k2\$([0-9a-f]{1,6})\$([\w-]+={0,2})\$([\w-]{27}=)$/,
    (iterations, salt, digest) =>
      pbkdf2('sha1', Number.parseInt(iterations, 16), urlSafe(salt), urlSafe(digest)),
  ],

  // A digest without salt, as hex. Before ASP.NET Identity: in capital letters it may begin like one of those.
  [
    /^([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/i,
    (digest) => saltedDigest(hex(digest), '', 'end'),
  ],

  // ASP.NET Identity; `aspNet` checks its bytes.
  [new RegExp(`^(A[A-Q][A-Za-z0-9+/]{62,}={0,2})$`), (text) => aspNet(base64(text))],

  // Keycloak: an entry of the list "credentials"
  [/^(\{\s*".*\})$/s, keycloak],

  // MediaWiki
  [/^:argon2:(\$argon2.+)$/, (hash) => hash],
  [
    new RegExp(`^:bcrypt:(\\d\\d?)\\$(${BCRYPT_SALT})\\$(${BCRYPT_DIGEST})$`),
    (cost, salt, digest) => bcrypt(cost, salt, digest),
  ],
  [
    new RegExp(`^:pbkdf2:(sha1|sha256|sha384|sha512):(\\d{1,8}):\\d{1,3}:(${BASE64}):(${BASE64})$`),
    (name, iterations, salt, digest) =>
      pbkdf2(name as Pbkdf2Digest, Number(iterations), base64(salt), base64(digest)),
  ],
  [/^:A:([0-9a-f]{32})$/, (digest) => saltedDigest(hex(digest), '', 'end')],
  [
    /^:B:([^:]{1,64}):([0-9a-f]{32})$/,
    (salt, digest) => `{md5-hex}${saltedDigest(hex(digest), `${salt}-`, 'start')}`,
  ],

  // Nextcloud, WordPress 6.8, and digests of Drupal 6 as Drupal 7 hashed them again
  [/^[123]\|(\$.+)$/, (hash) => hash],
  [/^\$wp(\$2y\$.+)$/, (hash) => `${step('sha384-base64', 'wp-sha384', 'key')}${hash}`],
  [/^U(\$[SPH]\$.+)$/, (hash) => `{md5-hex}${hash}`],
];

/** Formats that are refused for a known reason. */
export const REFUSED_FORMATS: readonly (readonly [RegExp, string])[] = [
  [/^\{(?:noop|cleartext|plain)\}/i, 'is a password and not a hash: give it as "password"'],
  [
    /^\$fbscrypt\$.*,sk=/,
    'has the signer key beside the hash: put the key into LATCHKEY_PASSWORD_PEPPERS, and "pepper=NAME" in the place of "sk=..."',
  ],
  [/^\$(?:y|gy|7)\$/, 'is a yescrypt or scrypt hash of crypt(3), which is not supported'],
  [/^\$2x?\$/, 'is a bcrypt hash of a defective version, "2" or "2x", which is not supported'],
  [
    /^(?:\{crypt\})?(?:[./A-Za-z0-9]{13}|_[./A-Za-z0-9]{19})$/i,
    'is a DES hash of crypt(3), which is not supported',
  ],
  [/^\$2[aby]\$/, 'is no whole bcrypt hash, which has 60 characters'],
  [/^\$(?:argon2|scrypt|pbkdf2|fbscrypt|[156]\$|apr1\$|[PHS]\$)/, 'is malformed or cut off'],
];

function aspNet(bytes: Buffer): string {
  if (bytes[0] === 0 && bytes.length === 49)
    return pbkdf2('sha1', 1000, bytes.subarray(1, 17), bytes.subarray(17));
  if (bytes[0] !== 1 || bytes.length < 13) throw new PasswordHashError(CUT_OFF);
  const hash = (['sha1', 'sha256', 'sha512'] as const)[bytes.readUInt32BE(1)];
  const saltEnd = 13 + bytes.readUInt32BE(9);
  if (hash === undefined || saltEnd >= bytes.length) throw new PasswordHashError(CUT_OFF);
  return pbkdf2(hash, bytes.readUInt32BE(5), bytes.subarray(13, saltEnd), bytes.subarray(saltEnd));
}

/** The JSON texts `credentialData` and `secretData`, in the JSON of a credential. */
function keycloak(text: string): string {
  const { credentialData, secretData } = parseJson(text);
  const { algorithm, hashIterations, additionalParameters } = parseJson(credentialData);
  const { value, salt } = parseJson(secretData);
  const [saltBytes, digest] = [base64(String(salt)), base64(String(value))];
  const hash = { pbkdf2: 'sha1', 'pbkdf2-sha256': 'sha256', 'pbkdf2-sha512': 'sha512' }[String(algorithm)];
  if (hash !== undefined) return pbkdf2(hash as Pbkdf2Digest, Number(hashIterations), saltBytes, digest);
  if (algorithm !== 'argon2')
    throw new PasswordHashError(`has an algorithm of Keycloak that is not supported`);
  const parameters = additionalParameters as Readonly<Record<string, unknown>> | undefined;
  // Each parameter is a list with one element.
  const parameter = (name: string): string => String(parameters?.[name]);
  const version = parameter('version') === '1.0' ? 16 : 19;
  return `$argon2${parameter('type')}$v=${version}$m=${parameter('memory')},t=${String(hashIterations)},p=${parameter('parallelism')}$${plain(saltBytes)}$${plain(digest)}`;
}

function parseJson(text: unknown): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(String(text));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // The error below says it.
  }
  throw new PasswordHashError('is no JSON of a Keycloak credential with credentialData and secretData');
}

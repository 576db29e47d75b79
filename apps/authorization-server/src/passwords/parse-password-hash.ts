import { costOf, type PasswordHash } from './password-hash.js';

/*
 * Bounds of what is stored. Beyond them a hash would hold a worker for more than some two seconds, or want more memory
 * than a server can spare for each of its workers.
 */
const MAX_ARGON2_MEMORY_KIB = 1_048_576;
const MAX_ARGON2_ITERATIONS = 100;
const MAX_ARGON2_PARALLELISM = 16;
/** Memory in KiB times passes over it. */
export const MAX_ARGON2_WORK = 8_388_608;
const MAX_BCRYPT_COST = 14;
const MAX_SCRYPT_MEMORY = 268_435_456;
/** N times block size times parallelism. */
const MAX_SCRYPT_WORK = 4_194_304;
/** Iterations times blocks of output; one of SHA-512 costs more than twice one of SHA-256. */
const MAX_PBKDF2_WORK = { sha256: 5_000_000, sha512: 2_000_000 };

const DIGEST_BYTES = { sha256: 32, sha512: 64 };
const MIN_DIGEST_BYTES = 16;
const MAX_DIGEST_BYTES = 128;

type Reader = (...groups: (string | undefined)[]) => PasswordHash | null;

const BASE64 = '[A-Za-z0-9+/]+';

/**
 * PHC strings of argon2id, scrypt and PBKDF2, bcrypt in its usual form, and what passlib and Django write for PBKDF2.
 * The last characters of bcrypt's parts have bits to spare, which must be zero: bcrypt itself never sets them.
 */
const FORMATS: readonly (readonly [RegExp, Reader])[] = [
  [
    new RegExp(`^\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,2})\\$(${BASE64})\\$(${BASE64})$`),
    (memory = '', passes = '', lanes = '', salt = '', digest = '') =>
      argon2id(Number(memory), Number(passes), Number(lanes), salt, digest),
  ],
  [
    /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26])$/,
    (cost = '', rest = '') => bcrypt(Number(cost), rest),
  ],
  [
    new RegExp(`^\\$scrypt\\$ln=(\\d{1,2}),r=(\\d{1,3}),p=(\\d{1,2})\\$(${BASE64})\\$(${BASE64})$`),
    (logN = '', r = '', p = '', salt = '', digest = '') =>
      scrypt(Number(logN), Number(r), Number(p), base64(salt), base64(digest)),
  ],
  [
    new RegExp(`^\\$pbkdf2-(sha256|sha512)\\$i=(\\d{1,8})(?:,l=(\\d{1,3}))?\\$(${BASE64})\\$(${BASE64})$`),
    (hash = '', iterations = '', length, salt = '', digest = '') =>
      length !== undefined && Number(length) !== base64(digest)?.length
        ? null
        : pbkdf2(hash, Number(iterations), base64(salt), base64(digest)),
  ],
  [
    // passlib writes "." for "+".
    /^\$pbkdf2-(sha256|sha512)\$(\d{1,8})\$([A-Za-z0-9./]+)\$([A-Za-z0-9./]+)$/,
    (hash = '', iterations = '', salt = '', digest = '') =>
      pbkdf2(
        hash,
        Number(iterations),
        base64(salt.replaceAll('.', '+')),
        base64(digest.replaceAll('.', '+')),
      ),
  ],
  [
    // Django's salt is text, and its base64 is padded.
    /^pbkdf2_(sha256)\$(\d{1,8})\$([\x21-\x23\x25-\x7e]{1,128})\$([A-Za-z0-9+/]{43})=$/,
    (hash = '', iterations = '', salt = '', digest = '') =>
      pbkdf2(hash, Number(iterations), Buffer.from(salt), base64(digest)),
  ],
];

/** @returns `null` for anything that this server cannot verify, or not at a bearable cost */
export function parsePasswordHash(text: string): PasswordHash | null {
  for (const [format, read] of FORMATS) {
    const match = format.exec(text);
    if (match !== null) return read(...match.slice(1));
  }
  return null;
}

/** A hash of that cost which no password has, to find out how long it takes to verify. */
export function sampleOfCost(cost: string): PasswordHash | null {
  const isBcrypt = cost.startsWith('$2');
  const digestBytes = Number(/,l=(\d+)$/.exec(cost)?.[1] ?? 32);
  const digest = Buffer.alloc(digestBytes).toString('base64').replace(/=+$/, '');
  return parsePasswordHash(
    isBcrypt ? `${cost}$${'.'.repeat(53)}` : `${cost}$AAAAAAAAAAAAAAAAAAAAAA$${digest}`,
  );
}

function argon2id(memoryKib: number, iterations: number, parallelism: number, salt: string, digest: string) {
  const bearable =
    parallelism >= 1 &&
    parallelism <= MAX_ARGON2_PARALLELISM &&
    memoryKib >= 8 * parallelism &&
    memoryKib <= MAX_ARGON2_MEMORY_KIB &&
    iterations >= 1 &&
    iterations <= MAX_ARGON2_ITERATIONS &&
    memoryKib * iterations <= MAX_ARGON2_WORK;
  const sound =
    isBetween(base64(salt), 8, 64) && isBetween(base64(digest), MIN_DIGEST_BYTES, MAX_DIGEST_BYTES);
  if (!bearable || !sound) return null;
  const hash = { algorithm: 'argon2id', memoryKib, iterations, parallelism } as const;
  return { ...hash, text: `${costOf({ ...hash, text: '' })}$${salt}$${digest}` };
}

function bcrypt(cost: number, saltAndDigest: string): PasswordHash | null {
  if (cost < 4 || cost > MAX_BCRYPT_COST) return null;
  const hash = { algorithm: 'bcrypt', cost } as const;
  // What "2a", "2b" and "2y" tell apart are defects of long ago; sound implementations agree on all three.
  return { ...hash, text: `${costOf({ ...hash, text: '' })}$${saltAndDigest}` };
}

function scrypt(
  logN: number,
  blockSize: number,
  parallelism: number,
  salt: Buffer | null,
  digest: Buffer | null,
): PasswordHash | null {
  const work = 2 ** logN * blockSize * parallelism;
  if (logN < 1 || work < 1 || work > MAX_SCRYPT_WORK || 128 * 2 ** logN * blockSize > MAX_SCRYPT_MEMORY)
    return null;
  if (!isBetween(salt, 1, 128) || !isBetween(digest, MIN_DIGEST_BYTES, MAX_DIGEST_BYTES)) return null;
  return { algorithm: 'scrypt', logN, blockSize, parallelism, salt, digest };
}

function pbkdf2(
  name: string,
  iterations: number,
  salt: Buffer | null,
  digest: Buffer | null,
): PasswordHash | null {
  const hash = name === 'sha512' ? 'sha512' : 'sha256';
  if (!isBetween(salt, 1, 128) || !isBetween(digest, MIN_DIGEST_BYTES, MAX_DIGEST_BYTES)) return null;
  const work = iterations * Math.ceil(digest.length / DIGEST_BYTES[hash]);
  if (work < 1 || work > MAX_PBKDF2_WORK[hash]) return null;
  return { algorithm: 'pbkdf2', hash, iterations, salt, digest };
}

function isBetween(bytes: Buffer | null, min: number, max: number): bytes is Buffer {
  return bytes !== null && bytes.length >= min && bytes.length <= max;
}

/** Base64 without padding (RFC 4648 section 4); `null` for what is not. */
function base64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64').replace(/=+$/, '') === text ? bytes : null;
}

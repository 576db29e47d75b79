import { base64, CUT_OFF, PasswordHashError, type DigestName, type Pbkdf2Digest } from './hash-texts.js';

/** What a system does to a password before it hashes it: it adds something, computes a digest, or both. */
export interface PasswordStep {
  /** `null`: the password is not digested. */
  readonly digest: DigestName | null;
  readonly encoding: 'hex' | 'base64';
  /** The addition: bytes, the name of a pepper in the configuration, or nothing. */
  readonly added: Uint8Array | string | null;
  /** Where it is added; `key`: it is the key of an HMAC (RFC 2104). */
  readonly at: 'start' | 'end' | 'key';
}

interface CommonHash {
  /** In the order of execution; most hashes have none. */
  readonly steps: readonly PasswordStep[];
  readonly salt: Uint8Array;
  /** The output of the algorithm; a text for algorithms that come from crypt(3). */
  readonly digest: Uint8Array;
}

/** RFC 9106. New passwords are hashed with the variant `id` in version 19. */
export interface Argon2Hash extends CommonHash {
  readonly algorithm: 'argon2';
  readonly variant: 'id' | 'i' | 'd';
  readonly version: 16 | 19;
  readonly memoryKib: number;
  readonly iterations: number;
  readonly parallelism: number;
}

export interface BcryptHash extends CommonHash {
  readonly algorithm: 'bcrypt';
  /** 2 to the power of this many rounds. */
  readonly cost: number;
}

/** RFC 7914. */
export interface ScryptHash extends CommonHash {
  readonly algorithm: 'scrypt';
  /** 2 to the power of this is the parameter N. */
  readonly logN: number;
  readonly blockSize: number;
  readonly parallelism: number;
}

/** Firebase's variant of scrypt: the derived key encrypts a key of the whole project, which is the pepper here. */
export interface FirebaseHash extends CommonHash {
  readonly algorithm: 'firebase-scrypt';
  readonly logN: number;
  readonly blockSize: number;
  /** The name of the pepper; its value is base64. */
  readonly pepper: string;
}

/** RFC 8018 section 5.2. */
export interface Pbkdf2Hash extends CommonHash {
  readonly algorithm: 'pbkdf2';
  readonly hash: Pbkdf2Digest;
  readonly iterations: number;
}

/** `$5$` and `$6$` of crypt(3). */
export interface ShaCryptHash extends CommonHash {
  readonly algorithm: 'sha-crypt';
  readonly hash: 'sha256' | 'sha512';
  readonly rounds: number;
}

/** `$1$` of crypt(3), and Apache's `$apr1$`. */
export interface Md5CryptHash extends CommonHash {
  readonly algorithm: 'md5-crypt';
  readonly magic: '$1$' | '$apr1$';
}

/** phpass (WordPress, phpBB), and with SHA-512 Drupal 7. */
export interface PhpassHash extends CommonHash {
  readonly algorithm: 'phpass';
  readonly hash: 'md5' | 'sha512';
  /** 2 to the power of this many rounds. */
  readonly logRounds: number;
}

/** A parsed password hash. */
export type PasswordHash =
  Argon2Hash | BcryptHash | ScryptHash | FirebaseHash | Pbkdf2Hash | ShaCryptHash | Md5CryptHash | PhpassHash;

/** The digits of crypt(3) and phpass, by their value. */
export const CRYPT_DIGITS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A hash without the steps before it. */
type PlainHash = PasswordHash extends infer Hash
  ? Hash extends PasswordHash
    ? Omit<Hash, 'steps'>
    : never
  : never;

type Groups = (string | undefined)[];

const BASE64 = '[A-Za-z0-9+/]+={0,2}';

/**
 * The stored texts, one format for each algorithm: PHC strings where the algorithm has them, else the usual format. The
 * last character of a digest may have unused bits, which must be zero: no system sets them.
 */
export const STORED_FORMATS: readonly (readonly [RegExp, (...groups: Groups) => PlainHash])[] = [
  [
    new RegExp(
      `^\\$argon2(id|i|d)\\$(?:v=(16|19)\\$)?m=(\\d{1,8}),t=(\\d{1,4}),p=(\\d{1,3})\\$(${BASE64})\\$(${BASE64})$`,
    ),
    (variant, version = '16', memory, passes, lanes, salt, digest) => ({
      algorithm: 'argon2',
      variant: variant as Argon2Hash['variant'],
      version: version === '19' ? 19 : 16,
      memoryKib: Number(memory),
      iterations: Number(passes),
      parallelism: Number(lanes),
      salt: base64(salt),
      digest: base64(digest),
    }),
  ],
  [
    // "2a", "2b" and "2y" differ by bugs of old implementations; correct implementations agree on all three.
    /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{21}[.Oeu])([./A-Za-z0-9]{30}[.CGKOSWaeimquy26])$/,
    (cost, salt, digest) => ({
      algorithm: 'bcrypt',
      cost: Number(cost),
      salt: ascii(salt),
      digest: ascii(digest),
    }),
  ],
  [
    new RegExp(`^\\$scrypt\\$ln=(\\d{1,2}),r=(\\d{1,3}),p=(\\d{1,2})\\$(${BASE64})\\$(${BASE64})$`),
    (logN, blockSize, parallelism, salt, digest) => ({
      algorithm: 'scrypt',
      logN: Number(logN),
      blockSize: Number(blockSize),
      parallelism: Number(parallelism),
      salt: base64(salt),
      digest: base64(digest),
    }),
  ],
  [
    // The format of Supabase, with the name of a pepper in place of the key itself.
    new RegExp(
      `^\\$fbscrypt\\$v=1,n=(\\d{1,2}),r=(\\d{1,2}),p=1,ss=(${BASE64}|),pepper=([\\w-]{1,64})\\$(${BASE64})\\$(${BASE64})$`,
    ),
    (logN, blockSize, separator, pepper = '', salt, digest) => ({
      algorithm: 'firebase-scrypt',
      logN: Number(logN),
      blockSize: Number(blockSize),
      pepper,
      salt: Buffer.concat([base64(salt), base64(separator)]),
      digest: base64(digest),
    }),
  ],
  [
    new RegExp(
      `^\\$pbkdf2-(sha1|sha256|sha384|sha512)\\$i=(\\d{1,8})(?:,l=(\\d{1,3}))?\\$(${BASE64})\\$(${BASE64})$`,
    ),
    (hash, iterations, length, salt, text) => {
      const digest = base64(text);
      if (length !== undefined && Number(length) !== digest.length)
        throw new PasswordHashError('has a digest of another length than it says');
      return {
        algorithm: 'pbkdf2',
        hash: hash as Pbkdf2Digest,
        iterations: Number(iterations),
        salt: base64(salt),
        digest,
      };
    },
  ],
  [
    /^\$([56])\$(?:rounds=(\d{1,9})\$)?([\x21-\x23\x25-\x39\x3b-\x7e]{0,16})\$([./A-Za-z0-9]{42}[./0-9A-D]|[./A-Za-z0-9]{85}[./01])$/,
    (id, rounds = '5000', salt, digest = '') => {
      if (digest.length !== (id === '5' ? 43 : 86)) throw new PasswordHashError(CUT_OFF);
      return {
        algorithm: 'sha-crypt',
        hash: id === '5' ? 'sha256' : 'sha512',
        rounds: Number(rounds),
        salt: ascii(salt),
        digest: ascii(digest),
      };
    },
  ],
  [
    /^(\$1\$|\$apr1\$)([./A-Za-z0-9]{0,8})\$([./A-Za-z0-9]{21}[./01])$/,
    (magic, salt, digest) => ({
      algorithm: 'md5-crypt',
      magic: magic === '$1$' ? '$1$' : '$apr1$',
      salt: ascii(salt),
      digest: ascii(digest),
    }),
  ],
  [
    // Drupal truncates the digest.
    /^\$([PHS])\$([./A-Za-z0-9])([./A-Za-z0-9]{8})([./A-Za-z0-9]{21}[./01]|[./A-Za-z0-9]{43})$/,
    (id, rounds = '', salt, digest = '') => {
      if (digest.length !== (id === 'S' ? 43 : 22)) throw new PasswordHashError(CUT_OFF);
      return {
        algorithm: 'phpass',
        hash: id === 'S' ? 'sha512' : 'md5',
        logRounds: CRYPT_DIGITS.indexOf(rounds),
        salt: ascii(salt),
        digest: ascii(digest),
      };
    },
  ],
];

function ascii(text = ''): Buffer {
  return Buffer.from(text, 'latin1');
}

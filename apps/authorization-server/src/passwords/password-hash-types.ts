export type DigestName = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** What a system does to a password before it hashes it: it adds something, or takes a digest, or both. */
export interface PasswordStep {
  /** `null`: the password is not digested. */
  readonly digest: DigestName | null;
  readonly encoding: 'hex' | 'base64';
  /** What is added: bytes, the name of a pepper in the configuration, or nothing. */
  readonly added: Uint8Array | string | null;
  /** Where it is added; `key`: it is the key of HMAC (RFC 2104). */
  readonly at: 'start' | 'end' | 'key';
}

interface CommonHash {
  /** In the order in which they are taken; of most hashes none. */
  readonly steps: readonly PasswordStep[];
  readonly salt: Uint8Array;
  /** What the algorithm makes of the password; text of the algorithms that come from crypt(3). */
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

/** Firebase's use of scrypt: the derived key encrypts a key of the whole project, which is the pepper here. */
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
  readonly hash: 'sha1' | 'sha256' | 'sha384' | 'sha512';
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

/** A stored hash of a password, as it was read. */
export type PasswordHash =
  Argon2Hash | BcryptHash | ScryptHash | FirebaseHash | Pbkdf2Hash | ShaCryptHash | Md5CryptHash | PhpassHash;

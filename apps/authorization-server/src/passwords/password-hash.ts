/** RFC 9106; what new passwords are hashed with. */
export interface Argon2idHash {
  readonly algorithm: 'argon2id';
  readonly text: string;
  readonly memoryKib: number;
  readonly iterations: number;
  readonly parallelism: number;
}

export interface BcryptHash {
  readonly algorithm: 'bcrypt';
  readonly text: string;
  /** 2 to the power of this many rounds. */
  readonly cost: number;
}

/** RFC 7914. */
export interface ScryptHash {
  readonly algorithm: 'scrypt';
  /** 2 to the power of this is the parameter N. */
  readonly logN: number;
  readonly blockSize: number;
  readonly parallelism: number;
  readonly salt: Uint8Array;
  readonly digest: Uint8Array;
}

/** RFC 8018 section 5.2. */
export interface Pbkdf2Hash {
  readonly algorithm: 'pbkdf2';
  readonly hash: 'sha256' | 'sha512';
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly digest: Uint8Array;
}

/** A stored hash of a password, as it was read. */
export type PasswordHash = Argon2idHash | BcryptHash | ScryptHash | Pbkdf2Hash;

/**
 * What decides how long a verification takes: the text of a hash up to its salt, in one spelling. Hashes of the same
 * cost take the same time.
 */
export function costOf(hash: PasswordHash): string {
  switch (hash.algorithm) {
    case 'argon2id':
      return `$argon2id$v=19$m=${hash.memoryKib},t=${hash.iterations},p=${hash.parallelism}`;
    case 'bcrypt':
      return `$2b$${String(hash.cost).padStart(2, '0')}`;
    case 'scrypt':
      return `$scrypt$ln=${hash.logN},r=${hash.blockSize},p=${hash.parallelism}`;
    case 'pbkdf2':
      return `$pbkdf2-${hash.hash}$i=${hash.iterations},l=${hash.digest.length}`;
  }
}

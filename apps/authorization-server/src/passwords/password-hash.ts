import { MAX_ARGON2_WORK } from '../config/authorization-server-config.js';
import { CRYPT_DIGITS, type PasswordHash, type PasswordStep, type Pbkdf2Hash } from './stored-formats.js';

export type { PasswordHash } from './stored-formats.js';

/*
 * Bounds of what is stored. Beyond them a hash would hold a worker for more than some two seconds, or want more memory
 * than a server can spare for each of its workers.
 */
const MAX_ARGON2_MEMORY_KIB = 1_048_576;
const MAX_ARGON2_ITERATIONS = 100;
const MAX_ARGON2_PARALLELISM = 16;
const MAX_BCRYPT_COST = 14;
const MAX_SCRYPT_MEMORY_KIB = 262_144;
/** N times block size times parallelism. */
const MAX_SCRYPT_WORK = 4_194_304;
/** Iterations times blocks of output; one of SHA-512 costs more than twice one of SHA-256. */
const MAX_PBKDF2_WORK = { sha1: 5_000_000, sha256: 5_000_000, sha384: 2_000_000, sha512: 2_000_000 };
const MAX_SHA_CRYPT_ROUNDS = 700_000;
const MAX_PHPASS_LOG_ROUNDS = 19;

const DIGEST_BYTES = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 };

/** The amount of each algorithm that takes as long as argon2id with the default settings, as measured. */
const ARGON2_KIB_PASSES = 38_912;
const BCRYPT_ROUNDS = 256;
const SCRYPT_BLOCKS = 57_344;
const PBKDF2_ITERATIONS = { sha1: 65_536, sha256: 65_536, sha384: 26_214, sha512: 26_214 };
/** For digests in a loop, with one call for each. */
const DIGEST_ROUNDS = 14_000;

/** The properties of an algorithm. The verification itself is in `hash-worker.cjs`. */
interface HashAlgorithm<Hash> {
  /** The prefix of a hash that determines how long a verification takes, in one spelling. */
  cost(hash: Hash): string;
  /** Completes the cost to the text of a hash. */
  sampleEnd(cost: string): string;
  /** The estimated duration of a verification, in verifications of argon2id with the default settings. */
  work(hash: Hash): number;
  /** The memory of a verification, in KiB, where it matters. */
  memoryKib?(hash: Hash): number;
  /** Why such a hash is not accepted, as a text that follows its name; `null`: it is accepted. */
  problem(hash: Hash): string | null;
}

const SALT = 'A'.repeat(22);

const ALGORITHMS: {
  readonly [Name in PasswordHash['algorithm']]: HashAlgorithm<Extract<PasswordHash, { algorithm: Name }>>;
} = {
  argon2: {
    cost: ({ variant, version, memoryKib, iterations, parallelism }) =>
      `$argon2${variant}$v=${version}$m=${memoryKib},t=${iterations},p=${parallelism}`,
    sampleEnd: () => `$${SALT}$${zeros(32)}`,
    work: argon2Work,
    memoryKib: ({ memoryKib }) => memoryKib,
    problem: ({ salt, digest, memoryKib, iterations, parallelism }) =>
      outside('parallelism', parallelism, 1, MAX_ARGON2_PARALLELISM) ??
      outside('memory in KiB', memoryKib, 8 * parallelism, MAX_ARGON2_MEMORY_KIB) ??
      outside('number of passes', iterations, 1, MAX_ARGON2_ITERATIONS) ??
      outside('memory in KiB times passes', memoryKib * iterations, 8, MAX_ARGON2_WORK) ??
      wrongLength('salt', salt, 8, 64) ??
      wrongLength('digest', digest, 16, 128),
  },
  bcrypt: {
    cost: ({ cost }) => `$2b$${String(cost).padStart(2, '0')}`,
    sampleEnd: () => `$${'.'.repeat(53)}`,
    work: ({ cost }) => 2 ** cost / BCRYPT_ROUNDS,
    problem: ({ cost }) => outside('bcrypt cost', cost, 4, MAX_BCRYPT_COST),
  },
  scrypt: {
    cost: ({ logN, blockSize, parallelism }) => `$scrypt$ln=${logN},r=${blockSize},p=${parallelism}`,
    sampleEnd: () => `$${SALT}$${zeros(32)}`,
    work: ({ logN, blockSize, parallelism }) => (2 ** logN * blockSize * parallelism) / SCRYPT_BLOCKS,
    memoryKib: ({ logN, blockSize }) => (2 ** logN * blockSize) / 8,
    problem: (hash) => scryptProblem(hash.logN, hash.blockSize, hash.parallelism) ?? saltedProblem(hash),
  },
  'firebase-scrypt': {
    cost: ({ logN, blockSize }) => `$fbscrypt$v=1,n=${logN},r=${blockSize},p=1`,
    sampleEnd: (cost) => `,ss=,pepper=${/pepper=([\w-]+)/.exec(cost)?.[1]}$${SALT}$${zeros(64)}`,
    work: ({ logN, blockSize }) => (2 ** logN * blockSize) / SCRYPT_BLOCKS,
    memoryKib: ({ logN, blockSize }) => (2 ** logN * blockSize) / 8,
    problem: (hash) => scryptProblem(hash.logN, hash.blockSize, 1) ?? saltedProblem(hash),
  },
  pbkdf2: {
    cost: ({ hash, iterations, digest }) => `$pbkdf2-${hash}$i=${iterations},l=${digest.length}`,
    sampleEnd: (cost) => `$${SALT}$${zeros(Number(/,l=(\d+)$/.exec(cost)?.[1] ?? 0))}`,
    work: (hash) => pbkdf2Rounds(hash) / PBKDF2_ITERATIONS[hash.hash],
    problem: (hash) =>
      outside(
        'number of iterations, times blocks of output,',
        pbkdf2Rounds(hash),
        1,
        MAX_PBKDF2_WORK[hash.hash],
      ) ?? saltedProblem(hash),
  },
  'sha-crypt': {
    cost: ({ hash, rounds }) => `$${hash === 'sha256' ? 5 : 6}$rounds=${rounds}`,
    sampleEnd: (cost) => `$${SALT.slice(0, 16)}$${'.'.repeat(cost.startsWith('$5') ? 43 : 86)}`,
    work: ({ rounds }) => rounds / DIGEST_ROUNDS,
    problem: ({ rounds }) => outside('number of rounds', rounds, 1000, MAX_SHA_CRYPT_ROUNDS),
  },
  'md5-crypt': {
    cost: ({ magic }) => magic.slice(0, -1),
    sampleEnd: () => `$${SALT.slice(0, 8)}$${'.'.repeat(22)}`,
    work: () => 1000 / DIGEST_ROUNDS,
    problem: () => null,
  },
  phpass: {
    cost: ({ hash, logRounds }) => `$${hash === 'md5' ? 'P' : 'S'}$${CRYPT_DIGITS.charAt(logRounds)}`,
    sampleEnd: (cost) => SALT.slice(0, 8) + '.'.repeat(cost.startsWith('$P') ? 22 : 43),
    work: ({ logRounds }) => 2 ** logRounds / DIGEST_ROUNDS,
    problem: ({ logRounds }) =>
      outside('logarithm of the number of rounds', logRounds, 7, MAX_PHPASS_LOG_ROUNDS),
  },
};

function algorithmOf({ algorithm }: PasswordHash): HashAlgorithm<PasswordHash> {
  return ALGORITHMS[algorithm];
}

/** The texts that complete a cost to a hash, by algorithm; at most one of them fits. */
export function sampleEnds(cost: string): string[] {
  return Object.values(ALGORITHMS).map((algorithm) => algorithm.sampleEnd(cost));
}

/** @returns why a hash cannot be stored, as a text that follows its name; `null`: it can */
export function problemOf(hash: PasswordHash): string | null {
  return algorithmOf(hash).problem(hash);
}

/** The names of the peppers that the verification needs. */
export function peppersOf({
  steps,
  pepper = null,
}: {
  readonly steps: readonly PasswordStep[];
  readonly pepper?: string | null;
}): string[] {
  const names = [...steps.map(({ added }) => added), pepper];
  return [...new Set(names.filter((name) => typeof name === 'string'))];
}

/**
 * What determines the duration of a verification: the peppers, and the text of a hash up to its salt, in one spelling.
 * Hashes of the same cost take the same time.
 */
export function costOf(hash: PasswordHash): string {
  const peppers = peppersOf(hash).map((name) => `{pepper=${name}}`);
  return `${peppers.join('')}${algorithmOf(hash).cost(hash)}`;
}

/** The estimated duration of a verification, in verifications of argon2id with the default settings. */
export function workOf(hash: PasswordHash): number {
  return algorithmOf(hash).work(hash);
}

/** As {@link workOf}, for argon2 with these settings. */
export function argon2Work({ memoryKib, iterations }: { memoryKib: number; iterations: number }): number {
  return (memoryKib * iterations) / ARGON2_KIB_PASSES;
}

/** The memory of a verification, in KiB. */
export function memoryOf(hash: PasswordHash): number {
  return algorithmOf(hash).memoryKib?.(hash) ?? 0;
}

function pbkdf2Rounds({ hash, iterations, digest }: Pbkdf2Hash): number {
  return iterations * Math.ceil(digest.length / DIGEST_BYTES[hash]);
}

function scryptProblem(logN: number, blockSize: number, parallelism: number): string | null {
  const work = 2 ** logN * blockSize * parallelism;
  return (
    outside('logarithm of N', logN, 1, 30) ??
    outside('N times r times p', work, 2, MAX_SCRYPT_WORK) ??
    outside('memory in KiB', (2 ** logN * blockSize) / 8, 0, MAX_SCRYPT_MEMORY_KIB)
  );
}

function saltedProblem({ salt, digest }: Pick<PasswordHash, 'salt' | 'digest'>): string | null {
  return wrongLength('salt', salt, 1, 128) ?? wrongLength('digest', digest, 16, 128);
}

function outside(what: string, value: number, min: number, max: number): string | null {
  return value >= min && value <= max ? null : `has a ${what} of ${value}; it must be from ${min} to ${max}`;
}

function wrongLength(what: string, { length }: Uint8Array, min: number, max: number): string | null {
  return outside(`${what} length in bytes`, length, min, max);
}

function zeros(bytes: number): string {
  return Buffer.alloc(bytes).toString('base64').replace(/=+$/, '');
}

// Runs in a worker thread of the hash pool. Plain JavaScript, because a thread loads its file itself, in tests too.
// CommonJS, because Node.js 20 aborts the whole process when a thread is ended while it loads an ECMAScript module by
// require(), as Piscina does: a server that is stopped just after it began to hash.
// @ts-check
const {
  createCipheriv,
  createHash,
  createHmac,
  pbkdf2Sync,
  scryptSync,
  timingSafeEqual,
} = require('node:crypto');
const os = require('node:os');
const { hashRawSync, hashSync } = require('@node-rs/argon2');
const bcrypt = require('bcryptjs');
const { md5Crypt, phpass, shaCrypt } = require('./crypt-hashes.cjs');

/**
 * @import { PasswordPeppers } from '../config/authorization-server-config.js'
 * @import { Argon2Hash, BcryptHash, FirebaseHash, PasswordHash, PasswordStep, ScryptHash } from './stored-formats.js'
 */

// On Linux this lowers the calling thread alone, so that a storm of logins cannot slow what the main thread answers.
// Elsewhere it would lower the whole process.
if (process.platform === 'linux') {
  try {
    os.setPriority(0, 19);
  } catch {
    // Not allowed here; hashing then competes at normal priority.
  }
}

/** bcrypt sees the first 72 bytes only. */
const BCRYPT_BYTES = 72;
/** crypt(3) takes no more of `$5$` and `$6$`, whose rounds take longer the longer a password is. */
const CRYPT_BYTES = 512;

const MAX_SCRYPT_MEMORY = 512 * 1024 * 1024;

/**
 * @param {{ operation: 'hash', password: string, memoryKib: number, iterations: number }
 *   | { operation: 'verify', password: string, hash: PasswordHash, peppers: PasswordPeppers }} task
 * @returns {string | boolean}
 */
module.exports = function run(task) {
  if (task.operation === 'verify') return verify(task.hash, task.password, task.peppers);
  const { memoryKib: memoryCost, iterations: timeCost } = task;
  // The library's default algorithm is argon2id.
  return hashSync(task.password, { memoryCost, timeCost, parallelism: 1 });
};

/**
 * @param {PasswordHash} hash
 * @param {string} password
 * @param {PasswordPeppers} peppers
 * @returns {boolean}
 */
function verify(hash, password, peppers) {
  const prepared = prepare(hash.steps, Buffer.from(password), peppers);
  const digest = compute(hash, prepared.bytes, peppers);
  return timingSafeEqual(digest, hash.digest) && prepared.complete && isSound(hash, prepared, peppers);
}

/**
 * @param {PasswordHash} hash
 * @param {Buffer} password after the steps
 * @param {PasswordPeppers} peppers
 * @returns {Uint8Array} as long as the digest of the hash
 */
function compute(hash, password, peppers) {
  switch (hash.algorithm) {
    case 'argon2':
      return argon2(hash, password);
    case 'bcrypt':
      return bcryptDigest(hash, password);
    case 'scrypt':
      return scrypt(hash, password, hash.digest.length);
    case 'firebase-scrypt':
      return firebase(hash, password, peppers);
    case 'pbkdf2':
      return pbkdf2Sync(password, hash.salt, hash.iterations, hash.digest.length, hash.hash);
    case 'sha-crypt':
      return shaCrypt(password.subarray(0, CRYPT_BYTES), hash);
    case 'md5-crypt':
      return md5Crypt(password, hash);
    case 'phpass':
      return phpass(password, hash);
  }
}

/**
 * Takes the steps before the hash.
 *
 * @param {readonly PasswordStep[]} steps
 * @param {Buffer} password
 * @param {PasswordPeppers} peppers
 * @returns {{ bytes: Buffer, end: number, complete: boolean }} `end`: where in `bytes` the password ends, 0 when they are
 * a digest of it; `complete`: all peppers are known
 */
function prepare(steps, password, peppers) {
  let bytes = password;
  let end = password.length;
  let complete = true;
  for (const { digest, encoding, added, at } of steps) {
    const pepper = typeof added === 'string' ? pepperOf(peppers, added) : added;
    complete &&= added === null || pepper !== null;
    const other = Buffer.from(pepper ?? '');
    const joined = Buffer.concat(at === 'start' ? [other, bytes] : [bytes, other]);
    if (digest === null) {
      bytes = joined;
      if (at === 'start' && end > 0) end += other.length;
      continue;
    }
    const hash = at === 'key' ? createHmac(digest, other).update(bytes) : createHash(digest).update(joined);
    bytes = Buffer.from(hash.digest(encoding));
    end = 0;
  }
  return { bytes, end, complete };
}

/** @param {PasswordPeppers} peppers @param {string} name */
function pepperOf(peppers, name) {
  return Object.hasOwn(peppers, name) ? (peppers[name] ?? null) : null;
}

/**
 * Whether the algorithm has seen the whole password, and has what it needs. bcrypt also repeats what ends with NUL: other
 * passwords would pass for this one.
 *
 * @param {PasswordHash} hash
 * @param {{ bytes: Buffer, end: number }} prepared
 * @param {PasswordPeppers} peppers
 */
function isSound(hash, { bytes, end }, peppers) {
  switch (hash.algorithm) {
    case 'bcrypt':
      return end <= BCRYPT_BYTES && !bytes.includes(0);
    case 'sha-crypt':
      return bytes.length <= CRYPT_BYTES;
    case 'firebase-scrypt':
      return signerKey(hash, peppers).length === hash.digest.length;
    default:
      return true;
  }
}

/** @param {Argon2Hash} hash @param {Buffer} password */
function argon2({ variant, version, memoryKib, iterations, parallelism, salt, digest }, password) {
  return hashRawSync(password, {
    // The numbers of the library's enumerations, which its types hide.
    algorithm: { d: 0, i: 1, id: 2 }[variant],
    version: { 16: 0, 19: 1 }[version],
    memoryCost: memoryKib,
    timeCost: iterations,
    parallelism,
    outputLen: digest.length,
    salt,
  });
}

/** @param {BcryptHash} hash @param {Buffer} password */
function bcryptDigest({ cost, salt }, password) {
  const settings = `$2b$${String(cost).padStart(2, '0')}$${Buffer.from(salt).toString('latin1')}`;
  return Buffer.from(bcrypt.hashSync(password.toString('utf8'), settings).slice(settings.length), 'latin1');
}

/** @param {Pick<ScryptHash, 'logN' | 'blockSize' | 'salt'> & { parallelism?: number }} hash @param {Buffer} password @param {number} length */
function scrypt({ logN, blockSize, parallelism = 1, salt }, password, length) {
  const options = { N: 2 ** logN, r: blockSize, p: parallelism, maxmem: MAX_SCRYPT_MEMORY };
  return scryptSync(password, salt, length, options);
}

/** @param {FirebaseHash} hash @param {Buffer} password @param {PasswordPeppers} peppers */
function firebase(hash, password, peppers) {
  const cipher = createCipheriv('aes-256-ctr', scrypt(hash, password, 32), Buffer.alloc(16));
  const plain = Buffer.alloc(hash.digest.length);
  signerKey(hash, peppers).copy(plain);
  return cipher.update(plain);
}

/** @param {FirebaseHash} hash @param {PasswordPeppers} peppers */
function signerKey({ pepper }, peppers) {
  return Buffer.from(pepperOf(peppers, pepper) ?? '', 'base64');
}

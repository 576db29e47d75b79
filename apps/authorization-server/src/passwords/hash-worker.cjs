// Runs in a worker thread of the hash pool. Plain JavaScript, because a thread loads its file itself, in tests too.
// CommonJS, because Node.js 20 aborts the whole process when a thread is ended while it loads an ECMAScript module by
// require(), as Piscina does: a server that is stopped just after it began to hash.
// @ts-check
const { pbkdf2Sync, scryptSync, timingSafeEqual } = require('node:crypto');
const os = require('node:os');
const { hashSync, verifySync } = require('@node-rs/argon2');
const { compareSync, truncates } = require('bcryptjs');

/** @import { PasswordHash } from './password-hash.js' */

// On Linux this lowers the calling thread alone, so that a storm of logins cannot slow what the main thread answers.
// Elsewhere it would lower the whole process.
if (process.platform === 'linux') {
  try {
    os.setPriority(0, 19);
  } catch {
    // Not allowed here; hashing then competes at normal priority.
  }
}

/**
 * @param {{ operation: 'hash', password: string, memoryKib: number, iterations: number }
 *   | { operation: 'verify', password: string, hash: PasswordHash }} task
 * @returns {string | boolean}
 */
module.exports = function run(task) {
  if (task.operation === 'verify') return verify(task.hash, task.password);
  const { memoryKib: memoryCost, iterations: timeCost } = task;
  // The library's default algorithm is argon2id.
  return hashSync(task.password, { memoryCost, timeCost, parallelism: 1 });
};

/**
 * @param {PasswordHash} hash
 * @param {string} password
 * @returns {boolean}
 */
function verify(hash, password) {
  switch (hash.algorithm) {
    case 'argon2id':
      return verifySync(hash.text, password);
    case 'bcrypt':
      return compareSync(password, hash.text) && isWholeForBcrypt(password);
    case 'scrypt': {
      const options = {
        N: 2 ** hash.logN,
        r: hash.blockSize,
        p: hash.parallelism,
        maxmem: 512 * 1024 * 1024,
      };
      return timingSafeEqual(scryptSync(password, hash.salt, hash.digest.length, options), hash.digest);
    }
    case 'pbkdf2': {
      const { iterations, salt, digest } = hash;
      return timingSafeEqual(pbkdf2Sync(password, salt, iterations, digest.length, hash.hash), digest);
    }
  }
}

/**
 * bcrypt sees the first 72 bytes only, and repeats what ends with NUL: other passwords would pass for this one.
 *
 * @param {string} password
 */
function isWholeForBcrypt(password) {
  return !truncates(password) && !password.includes('\0');
}

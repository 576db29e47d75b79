// The password hashes of crypt(3) and phpass, for which there is no library that is well kept. They are short, and only
// verify: nothing is hashed anew with them.
// @ts-check
const { hash: digestOf } = require('node:crypto');

/** @import { Md5CryptHash, PhpassHash, ShaCryptHash } from './stored-formats.js' */

const DIGITS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** In which order the bytes of a digest are written, three at a time, the first one last. */
const ORDER = {
  md5: [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]],
  sha256: [...rotating(10, [0, 10, 20], [2, 0, 1]), [31, 30]],
  sha512: [...rotating(21, [0, 21, 42], [1, 2, 0]), [63]],
};

/**
 * @param {number} groups
 * @param {number[]} first
 * @param {number[]} next from which place of the group before each place comes
 */
function rotating(groups, first, next) {
  const order = [first];
  for (let group = 1; group < groups; group++) {
    const before = order[group - 1] ?? [];
    order.push(next.map((place) => (before[place] ?? 0) + 1));
  }
  return order;
}

/** @param {'md5' | 'sha256' | 'sha512'} name @param {...(string | Uint8Array)} parts */
function digest(name, ...parts) {
  return digestOf(name, Buffer.concat(parts.map((part) => Buffer.from(part))), 'buffer');
}

/** @param {number} value @param {number} length */
function digits(value, length) {
  let text = '';
  for (let shift = 0; shift < length; shift++) text += DIGITS[(value >> (6 * shift)) & 63];
  return text;
}

/** @param {Buffer} bytes @param {number[][]} order */
function encode(bytes, order) {
  let text = '';
  for (const group of order) {
    const value = group.reduce((sum, index) => (sum << 8) | (bytes[index] ?? 0), 0);
    text += digits(value, Math.ceil((group.length * 8) / 6));
  }
  return Buffer.from(text, 'latin1');
}

/** @param {Buffer} bytes @param {number} length */
function repeat(bytes, length) {
  return Buffer.alloc(length, bytes);
}

/**
 * `$5$` and `$6$`, by Ulrich Drepper's "Unix crypt using SHA-256 and SHA-512", whose letters these are.
 *
 * @param {Buffer} password
 * @param {ShaCryptHash} stored
 */
function shaCrypt(password, { hash, rounds, salt }) {
  const size = hash === 'sha256' ? 32 : 64;
  const b = digest(hash, password, salt, password);
  const parts = [password, salt, repeat(b, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? b : password);
  let a = digest(hash, ...parts);
  const p = repeat(digest(hash, Buffer.alloc(password.length ** 2, password)), password.length);
  const ds = digest(hash, Buffer.alloc(salt.length * (16 + (a[0] ?? 0)), salt));
  const s = repeat(ds, salt.length);
  // What is hashed in a round depends on whether its number is odd, and divisible by 3 and 7.
  const input = Buffer.alloc(size + 2 * p.length + s.length);
  for (let round = 0; round < rounds; round++) {
    let end = (round & 1 ? p : a).copy(input);
    if (round % 3) end += s.copy(input, end);
    if (round % 7) end += p.copy(input, end);
    end += (round & 1 ? a : p).copy(input, end);
    a = digestOf(hash, input.subarray(0, end), 'buffer');
  }
  return encode(a, ORDER[hash]);
}

/**
 * `$1$` and `$apr1$`, as FreeBSD's crypt-md5.c has them.
 *
 * @param {Buffer} password
 * @param {Md5CryptHash} stored
 */
function md5Crypt(password, { magic, salt }) {
  const mixed = digest('md5', password, salt, password);
  const parts = [password, magic, salt, repeat(mixed, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1) {
    parts.push(bits & 1 ? Buffer.alloc(1) : password.subarray(0, 1));
  }
  let result = digest('md5', ...parts);
  for (let round = 0; round < 1000; round++) {
    result = digest(
      'md5',
      round & 1 ? password : result,
      round % 3 ? salt : '',
      round % 7 ? password : '',
      round & 1 ? result : password,
    );
  }
  return encode(result, ORDER.md5);
}

/**
 * phpass' "portable" hashes, and those of Drupal 7, which are the same with SHA-512, cut off.
 *
 * @param {Buffer} password
 * @param {PhpassHash} stored
 */
function phpass(password, { hash, logRounds, salt, digest: stored }) {
  let result = digest(hash, salt, password);
  const input = Buffer.concat([result, password]);
  for (let round = 0; round < 2 ** logRounds; round++) {
    result.copy(input);
    result = digestOf(hash, input, 'buffer');
  }
  const order = [];
  for (let index = 0; index < result.length; index += 3) {
    order.push([index + 2, index + 1, index].filter((place) => place < result.length));
  }
  return encode(result, order).subarray(0, stored.length);
}

module.exports = { md5Crypt, phpass, shaCrypt };

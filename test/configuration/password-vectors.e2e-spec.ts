import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import { hashSync as bcrypt } from 'bcryptjs';
import { Piscina } from 'piscina';
import type { PasswordPeppers } from '../../apps/authorization-server/src/config/authorization-server-config.js';
import type { PasswordHash } from '../../apps/authorization-server/src/passwords/stored-formats.js';
import { costOf, workOf } from '../../apps/authorization-server/src/passwords/password-hash.js';
import {
  parsePasswordHash,
  readPasswordHash,
  sampleOfCost,
} from '../../apps/authorization-server/src/passwords/parse-password-hash.js';

interface Vectors {
  readonly password: string;
  readonly peppers: PasswordPeppers;
  readonly hashes: readonly { readonly system: string; readonly hash: string }[];
}

const { password, peppers, hashes } = JSON.parse(
  readFileSync(new URL('../vectors/password-hashes.json', import.meta.url), 'utf8'),
) as Vectors;

type Task =
  | { operation: 'hash'; password: string; memoryKib: number; iterations: number }
  | { operation: 'verify'; password: string; hash: PasswordHash; peppers: PasswordPeppers };

/** A thread, as in production: the file lowers the priority of the thread that loads it, for as long as it lives. */
const thread = new Piscina<Task, string | boolean>({
  filename: new URL('../../apps/authorization-server/src/passwords/hash-worker.cjs', import.meta.url).href,
  maxThreads: 1,
});

afterAll(() => thread.destroy());

async function stored(text: string): Promise<PasswordHash> {
  const read = readPasswordHash(text);
  if (read.hash !== null) return read.hash;
  const task = { operation: 'hash', password: read.digest, memoryKib: 64, iterations: 1 } as const;
  const wrapped = await thread.run(task);
  return readPasswordHash(`${read.text}${String(wrapped)}`).hash!;
}

describe('one password by many systems', () => {
  it.each(hashes.map(({ system, hash }) => [system, hash]))('%s', async (_, text) => {
    const hash = await stored(text);
    const verify = (given: string, known = peppers) =>
      thread.run({ operation: 'verify', password: given, hash, peppers: known });
    expect(await verify(password)).toBe(true);
    expect(await verify(`${password}x`)).toBe(false);
    expect(workOf(hash)).toBeGreaterThan(0);
    const cost = costOf(hash);
    const sample = sampleOfCost(cost);
    expect(sample === null ? null : costOf(sample)).toBe(cost);
    // What is stored is read again as the same.
    const read = readPasswordHash(text);
    if (read.hash !== null) expect(parsePasswordHash(read.text)).toEqual(read.hash);
    if (cost.includes('pepper=')) expect(await verify(password, {})).toBe(false);
  });
});

describe('what an algorithm does not see of a password', () => {
  const LONG = 'x'.repeat(73);
  const verify = async (text: string, given: string, known: PasswordPeppers = {}) =>
    thread.run({ operation: 'verify', password: given, hash: await stored(text), peppers: known });

  it('bcrypt: 72 bytes, also with a pepper behind them, but not of a digest', async () => {
    const pepper = { shop: 'p'.repeat(100) };
    const start = 'x'.repeat(72);
    expect(await verify(bcrypt(start, 4), start)).toBe(true);
    expect(await verify(bcrypt(LONG, 4), LONG)).toBe(false);
    expect(await verify(`{pepper=shop}${bcrypt(`short${pepper.shop}`, 4)}`, 'short', pepper)).toBe(true);
    expect(await verify(`{pepper=shop}${bcrypt(`${LONG}${pepper.shop}`, 4)}`, LONG, pepper)).toBe(false);
    const sha512 = createHash('sha512').update(LONG).digest('hex');
    expect(await verify(`{sha512-hex}${bcrypt(sha512, 4)}`, LONG)).toBe(true);
    expect(await verify(`{sha512-hex}${bcrypt(sha512, 4)}`, `${LONG}x`)).toBe(false);
  });

  it('bcrypt: nothing behind a pepper that fills it, which would take every password', async () => {
    const pepper = { shop: 'p'.repeat(72) };
    const hash = `{pepper=shop,at=start}${bcrypt(`${pepper.shop}right`, 4)}`;
    for (const given of ['right', 'wrong']) expect(await verify(hash, given, pepper)).toBe(false);
    expect(await verify(`{pepper=shop,at=start}${bcrypt('pright', 4)}`, 'right', { shop: 'p' })).toBe(true);
  });

  it('bcrypt: NUL, which it repeats', async () => {
    for (const given of ['a\0a', 'a\0']) {
      expect(await verify(bcrypt('a', 4), given)).toBe(false);
      expect(await verify(bcrypt(given, 4), given)).toBe(false);
    }
  });

  it.each(
    hashes
      .filter(({ system }) =>
        /^(OpenLDAP \{SSHA512|crypt|Drupal 7$|phpBB|htpasswd -m|mkpasswd md5|MediaWiki :B)/.test(system),
      )
      .map(({ system, hash }) => [system, hash]),
  )('%s: NUL is a byte as others are, and a long password another one', async (_, text) => {
    for (const given of [`${password}\0`, `\0${password}`, `${password}\0x`, password.repeat(40), '', LONG]) {
      expect(await verify(text, given)).toBe(false);
    }
  });

  it('crypt(3): 512 bytes', async () => {
    const right = 'x'.repeat(512);
    // By passlib.
    const hash =
      '$6$rounds=1000$saltsalt$MsNDYUaAELwHnAHUP8TmEfNQQ8wN2fAx9doijoIjoGVzVzpSiJVQfGNCTbtfK5iBZc9MVcGSPvkWPCu0Rw0S4.';
    expect(await verify(hash, right)).toBe(true);
    expect(await verify(hash, `${right}x`)).toBe(false);
  });
});

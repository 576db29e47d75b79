import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import type { PasswordHash, PasswordPeppers } from './password-hash-types.js';
import { costOf, workOf } from './password-hash.js';
import { parsePasswordHash, readPasswordHash, sampleOfCost } from './parse-password-hash.js';

interface Vectors {
  readonly password: string;
  readonly peppers: PasswordPeppers;
  readonly hashes: readonly { readonly system: string; readonly hash: string }[];
}

const { password, peppers, hashes } = JSON.parse(
  readFileSync(new URL('../../../../test/vectors/password-hashes.json', import.meta.url), 'utf8'),
) as Vectors;

type Task =
  | { operation: 'hash'; password: string; memoryKib: number; iterations: number }
  | { operation: 'verify'; password: string; hash: PasswordHash; peppers: PasswordPeppers };

const worker = createRequire(import.meta.url)('./hash-worker.cjs') as (task: Task) => string | boolean;

function stored(text: string): PasswordHash {
  const read = readPasswordHash(text);
  if (read.hash !== null) return read.hash;
  const wrapped = worker({ operation: 'hash', password: read.digest, memoryKib: 64, iterations: 1 });
  return readPasswordHash(`${read.text}${String(wrapped)}`).hash!;
}

describe('one password by many systems', () => {
  it.each(hashes.map(({ system, hash }) => [system, hash]))('%s', (_, text) => {
    const hash = stored(text);
    const verify = (given: string, known = peppers) =>
      worker({ operation: 'verify', password: given, hash, peppers: known });
    expect(verify(password)).toBe(true);
    expect(verify(`${password}x`)).toBe(false);
    expect(workOf(hash)).toBeGreaterThan(0);
    const cost = costOf(hash);
    const sample = sampleOfCost(cost);
    expect(sample === null ? null : costOf(sample)).toBe(cost);
    // What is stored is read again as the same.
    const read = readPasswordHash(text);
    if (read.hash !== null) expect(parsePasswordHash(read.text)).toEqual(read.hash);
    if (cost.includes('pepper=')) expect(verify(password, {})).toBe(false);
  });
});

import { costOf, peppersOf, problemOf, sampleEnds } from './password-hash.js';
import type { PasswordPeppers } from '../config/authorization-server-config.js';
import { PasswordHashError, type DigestName } from './hash-texts.js';
import { STORED_FORMATS, type PasswordHash, type PasswordStep } from './stored-formats.js';
import { REFUSED_FORMATS, SYSTEM_FORMATS } from './system-formats.js';

/** More than any system uses; the limit prevents an endless loop. */
const MAX_STEPS = 4;
const MAX_REWRITES = 3;

/** A step, such as `{sha256-hex}`, `{pepper=shop}` or `{sha1-hex,salt=c2FsdA,at=start}`. */
const STEP =
  /^\{(?:(md5|sha1|sha256|sha384|sha512)-(hex|base64)(?:,(?=[ps])|(?=\})))?(?:(?:pepper=([\w-]{1,64})|salt=([\w-]{1,200}))(?:,at=(start|end|key))?)?\}/;

const DIGEST = /^\$digest\$((?:[0-9a-f]{8}){4,16})$/;

/** A hash of another system in our format. */
interface GivenPasswordHash {
  /** The steps and the hash after them; for a digest the steps only. */
  readonly text: string;
  readonly steps: readonly PasswordStep[];
  /** `null`: it is a digest, which must be hashed again before it is stored. */
  readonly hash: PasswordHash | null;
  /** For a digest its hex, else empty. */
  readonly digest: string;
}

/**
 * Reads a hash in any supported format.
 *
 * @throws PasswordHashError saying why it cannot be used
 */
export function readPasswordHash(given: string): GivenPasswordHash {
  const steps: PasswordStep[] = [];
  let written = '';
  let rest = given;
  let rewrites = 0;
  for (;;) {
    const step = STEP.exec(rest);
    if (step !== null) {
      steps.push(readStep(step));
      if (steps.length > MAX_STEPS) throw new PasswordHashError(`has more than ${MAX_STEPS} steps`);
      written += step[0];
      rest = rest.slice(step[0].length);
      continue;
    }
    const digest = DIGEST.exec(rest)?.[1];
    if (digest !== undefined && steps.length > 0) return { text: written, steps, hash: null, digest };
    const hash = readStored(rest, steps);
    if (hash !== null) return { text: written + rest, steps, hash, digest: '' };
    const rewritten = rewrites++ < MAX_REWRITES ? rewrite(rest) : null;
    if (rewritten === null) throw new PasswordHashError(reasonOf(rest));
    rest = rewritten;
  }
}

/** @returns `null` for anything that this server cannot verify, or only at too high a cost */
export function parsePasswordHash(text: string): PasswordHash | null {
  try {
    return readPasswordHash(text).hash;
  } catch (error) {
    if (error instanceof PasswordHashError) return null;
    throw error;
  }
}

/** @returns why a hash cannot be stored, as a text that follows its name; `null`: it can */
export function passwordHashProblem(text: string, peppers: PasswordPeppers): string | null {
  try {
    const { steps, hash } = readPasswordHash(text);
    const missing = peppersOf(hash ?? { steps }).find((name) => !Object.hasOwn(peppers, name));
    if (missing !== undefined) return `names the pepper "${missing}", which LATCHKEY_PASSWORD_PEPPERS lacks`;
    if (hash?.algorithm !== 'firebase-scrypt') return null;
    const key = Buffer.from(peppers[hash.pepper] ?? '', 'base64');
    return key.length === hash.digest.length ? null : 'has a pepper that is not the signer key in base64';
  } catch (error) {
    if (error instanceof PasswordHashError) return error.message;
    throw error;
  }
}

/** Whether it is a digest, which must be hashed again before it is stored. */
export function isDigest(text: string): boolean {
  try {
    return readPasswordHash(text).hash === null;
  } catch (error) {
    if (error instanceof PasswordHashError) return false;
    throw error;
  }
}

/** A hash of this cost that matches no password, for measuring how long a verification takes. */
export function sampleOfCost(cost: string): PasswordHash | null {
  for (const end of sampleEnds(cost)) {
    const sample = parsePasswordHash(cost + end);
    if (sample !== null && costOf(sample) === cost) return sample;
  }
  return null;
}

function readStep([text, digest, encoding, pepper, salt, at = 'end']: RegExpExecArray): PasswordStep {
  const added = pepper ?? (salt === undefined ? null : Buffer.from(salt, 'base64url'));
  if (digest === undefined && (added === null || salt !== undefined || at === 'key'))
    throw new PasswordHashError(
      `has a step that does nothing, or lacks a digest such as sha256-hex: ${text}`,
    );
  return {
    digest: (digest as DigestName | undefined) ?? null,
    encoding: encoding === 'base64' ? 'base64' : 'hex',
    added,
    at: at as PasswordStep['at'],
  };
}

function readStored(text: string, steps: readonly PasswordStep[]): PasswordHash | null {
  for (const [format, read] of STORED_FORMATS) {
    const match = format.exec(text);
    if (match === null) continue;
    const hash = { ...read(...match.slice(1)), steps } as PasswordHash;
    const problem = problemOf(hash);
    if (problem !== null) throw new PasswordHashError(problem);
    return hash;
  }
  return null;
}

function rewrite(text: string): string | null {
  for (const [format, read] of SYSTEM_FORMATS) {
    const match = format.exec(text);
    if (match !== null) return read(...match.slice(1));
  }
  return null;
}

function reasonOf(text: string): string {
  return (
    REFUSED_FORMATS.find(([format]) => format.test(text))?.[1] ??
    'is in no form that is supported: "Password hashes" in the configuration reference lists them'
  );
}

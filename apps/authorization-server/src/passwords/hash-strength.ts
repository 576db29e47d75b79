import type { Argon2Settings } from '../config/authorization-server-config.js';
import { argon2Work, memoryOf, workOf, type PasswordHash } from './password-hash.js';

/** A hash of more work, or of more memory, is slow: it is verified in the lane for slow hashes. */
export const SLOW_WORK = 24;
const SLOW_MEMORY_KIB = 131_072;
/** A hash of more work, or of more memory, is not accepted. */
const MAX_WORK = 64;
const MAX_MEMORY_KIB = 262_144;

/** Upper limits for the cost of a verification, with the current settings. */
interface CostLimits {
  readonly work: number;
  readonly memoryKib: number;
}

/**
 * Whether a hash is weaker than a new one: another algorithm, less memory, or less work in total. A hash with more
 * memory and fewer passes may be stronger, and is kept then.
 */
export function isWeaker(hash: PasswordHash | null, { memoryKib, iterations }: Argon2Settings): boolean {
  if (hash?.algorithm !== 'argon2' || hash.variant !== 'id' || hash.version !== 19) return true;
  if (hash.steps.length > 0) return true;
  return hash.memoryKib < memoryKib || hash.memoryKib * hash.iterations < memoryKib * iterations;
}

/** Whether a verification takes much more time or memory than that of a new hash. */
export function isSlow(hash: PasswordHash, settings: Argon2Settings): boolean {
  return exceeds(hash, limits(SLOW_WORK, SLOW_MEMORY_KIB, settings));
}

/** @returns why a hash is too expensive to be stored, as a text that follows its name; `null`: it is not */
export function costProblem(hash: PasswordHash, settings: Argon2Settings): string | null {
  const most = limits(MAX_WORK, MAX_MEMORY_KIB, settings);
  if (!exceeds(hash, most)) return null;
  const cost = `${workOf(hash).toFixed(0)} times the work of argon2id with m=19456,t=2 and ${mebibytes(memoryOf(hash))}`;
  return `takes ${cost} to verify; at most ${most.work.toFixed(0)} times and ${mebibytes(most.memoryKib)} are accepted`;
}

/** Settings above the defaults raise the limits. */
function limits(work: number, memoryKib: number, settings: Argon2Settings): CostLimits {
  return {
    work: work * Math.max(1, argon2Work(settings)),
    memoryKib: Math.max(memoryKib, settings.memoryKib),
  };
}

function exceeds(hash: PasswordHash, { work, memoryKib }: CostLimits): boolean {
  return workOf(hash) > work || memoryOf(hash) > memoryKib;
}

function mebibytes(kib: number): string {
  return `${Math.ceil(kib / 1024)} MiB of memory`;
}

import type { Argon2Settings } from '../config/authorization-server-config.js';
import { argon2Work, memoryOf, workOf, type PasswordHash } from './password-hash.js';

/** A hash of more work, or of more memory, is slow: it is verified in the lane for such hashes. */
export const SLOW_WORK = 24;
const SLOW_MEMORY_KIB = 131_072;
/** A hash of more work, or of more memory, is not accepted any more. */
const MAX_WORK = 64;
const MAX_MEMORY_KIB = 262_144;

/** What a verification costs at most where a new hash costs as much as the settings say. */
interface CostLimits {
  readonly work: number;
  readonly memoryKib: number;
}

/**
 * Whether a hash is worth less than a new one: another algorithm, less memory, or less work in all. More memory with
 * fewer passes may be worth more, and then it stays.
 */
export function isWeaker(hash: PasswordHash | null, { memoryKib, iterations }: Argon2Settings): boolean {
  if (hash?.algorithm !== 'argon2' || hash.variant !== 'id' || hash.version !== 19) return true;
  if (hash.steps.length > 0) return true;
  return hash.memoryKib < memoryKib || hash.memoryKib * hash.iterations < memoryKib * iterations;
}

/** Whether a verification takes much longer, or much more memory, than that of a new hash. */
export function isSlow(hash: PasswordHash, settings: Argon2Settings): boolean {
  return exceeds(hash, limits(SLOW_WORK, SLOW_MEMORY_KIB, settings));
}

/** @returns why a hash is too expensive to be stored, to be put behind its name; `null`: it is not */
export function costProblem(hash: PasswordHash, settings: Argon2Settings): string | null {
  const most = limits(MAX_WORK, MAX_MEMORY_KIB, settings);
  if (!exceeds(hash, most)) return null;
  const cost = `${workOf(hash).toFixed(0)} times the work of argon2id with m=19456,t=2 and ${mebibytes(memoryOf(hash))}`;
  return `takes ${cost} to verify; at most ${most.work.toFixed(0)} times and ${mebibytes(most.memoryKib)} are accepted`;
}

/** Settings that ask for more than the defaults raise the limits. */
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

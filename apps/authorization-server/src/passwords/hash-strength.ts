import type { Argon2Settings } from '../config/authorization-server-config.js';
import type { PasswordHash } from './password-hash.js';

/**
 * Whether a hash is worth less than a new one: another algorithm, less memory, or less work in all. More memory with
 * fewer passes may be worth more, and then it stays.
 */
export function isWeaker(hash: PasswordHash | null, { memoryKib, iterations }: Argon2Settings): boolean {
  if (hash?.algorithm !== 'argon2' || hash.variant !== 'id' || hash.version !== 19) return true;
  if (hash.steps.length > 0) return true;
  return hash.memoryKib < memoryKib || hash.memoryKib * hash.iterations < memoryKib * iterations;
}

// Runs in a worker thread of the hash pool. Plain JavaScript, because a thread loads its file itself, in tests too.
// @ts-check
import os from 'node:os';
import { hashSync, verifySync } from '@node-rs/argon2';

// On Linux this lowers the calling thread alone, so that a storm of logins cannot slow what the main thread answers.
// Elsewhere it would lower the whole process.
if (process.platform === 'linux') {
  try {
    os.setPriority(0, 15);
  } catch {
    // Not allowed here; hashing then competes at normal priority.
  }
}

/**
 * @param {{ operation: 'hash', password: string, memoryKib: number, iterations: number }
 *   | { operation: 'verify', password: string, hash: string }} task
 * @returns {string | boolean}
 */
export default function run(task) {
  if (task.operation === 'verify') return verifySync(task.hash, task.password);
  const { memoryKib: memoryCost, iterations: timeCost } = task;
  // The library's default algorithm is argon2id.
  return hashSync(task.password, { memoryCost, timeCost, parallelism: 1 });
}

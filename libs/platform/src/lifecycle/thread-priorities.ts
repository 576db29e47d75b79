import { readdirSync } from 'node:fs';
import os from 'node:os';

const NICE_OF_HELPERS = 10;

/**
 * Lets the thread that answers requests go before those that help it: the ones that collect garbage would otherwise get as
 * much of a core that they share, and for a tenth of a second every answer waits for them. They still go before
 * hashing, which asks for less than any of them.
 *
 * Only on Linux, where a thread has a priority of its own. The threads that exist by now are those of V8 and of the pool
 * that waits for the disk; to lower them needs no privilege.
 */
export function preferMainThread(): void {
  if (process.platform !== 'linux') return;
  for (const thread of threads()) {
    if (thread === process.pid) continue;
    try {
      os.setPriority(thread, NICE_OF_HELPERS);
    } catch {
      // It has ended, or it is not allowed here; then all compete as equals.
    }
  }
}

function threads(): number[] {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [];
  }
}

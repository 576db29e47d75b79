import { setTimeout as sleep } from 'node:timers/promises';

const TIMEOUT_MS = 900_000;
const POLL_MS = 1000;

/**
 * Watches the server's own count of what the cleanup has deleted.
 *
 * @returns `ended`, which tells whether it is over, and `result`: from when to when rows went, and how many
 */
export function watchCleanup(metricsPort, table, expected) {
  let over = false;
  const watch = async () => {
    const giveUp = performance.now() + TIMEOUT_MS;
    let from = null;
    for (;;) {
      const before = performance.now();
      const deleted = await deletedRows(metricsPort, table);
      if (deleted > 0) from ??= before - POLL_MS;
      if (deleted >= expected) return { from, to: performance.now(), deleted };
      if (before > giveUp) throw new Error(`the cleanup did not end: ${deleted} of ${expected}`);
      await sleep(POLL_MS);
    }
  };
  const result = watch().finally(() => {
    over = true;
  });
  return { ended: () => over, result };
}

async function deletedRows(metricsPort, table) {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const counter = new RegExp(`^latchkey_cleanup_rows_total\\{[^}]*table="${table}"[^}]*\\} (\\d+)`, 'm');
  return Number(counter.exec(text)?.[1] ?? 0);
}

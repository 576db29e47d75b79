import { setTimeout as pause } from 'node:timers/promises';

/** PostgreSQL's driver returns sums, counts and keys as text, because they may exceed a JavaScript number. */
export type Numeric = number | string;

/** Pause between two portions. */
const REST_MS = 2;

/**
 * Reads a table that may have millions of rows in portions with pauses, so that other work goes on.
 *
 * @param read reads the portion after a position, and returns its end; `null`: it was the last one
 * @returns the number of portions
 */
export async function inPortions<P>(start: P, read: (after: P) => Promise<P | null>): Promise<number> {
  let after = start;
  for (let portions = 1; ; portions++) {
    const end = await read(after);
    if (end === null) return portions;
    after = end;
    await pause(REST_MS);
  }
}

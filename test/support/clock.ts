import { jest } from '@jest/globals';
import type { Database } from '@latchkey/platform/database';
import sql, { raw, type Sql } from 'sql-template-tag';
import type { Stack } from './stack.js';

const realTime = Date.now;
const realClocks = new WeakMap<Database, Sql>();

/** Sets the clocks of a server, of its database and of this process, so many seconds ahead of the real ones. */
export function setClock({ database }: Stack, seconds: number): void {
  const ahead = seconds * 1000;
  jest.spyOn(Date, 'now').mockImplementation(() => realTime() + ahead);
  const realClock = realClocks.get(database) ?? database.now;
  realClocks.set(database, realClock);
  const value = sql`(${realClock} + ${raw(String(ahead))})`;
  Object.defineProperty(database, 'now', { value, configurable: true, enumerable: true });
}

/** Makes the clocks of a server, of its database and of this process stand still, in milliseconds since the epoch. */
export function stopClock({ database }: Stack, now: number): void {
  jest.spyOn(Date, 'now').mockReturnValue(now);
  const value = sql`CAST(${raw(String(now))} AS bigint)`;
  Object.defineProperty(database, 'now', { value, configurable: true, enumerable: true });
}

/** To be called after each test that sets or stops the clock. */
export function restoreClock(): void {
  jest.restoreAllMocks();
}

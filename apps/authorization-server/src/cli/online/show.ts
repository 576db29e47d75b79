import type { Cli } from '../cli.js';
import { details, type Tone } from '../output/table.js';

/** Shows one thing: all that the server says of it. */
export function showOne(cli: Cli, thing: object, json: boolean | undefined): Promise<void> {
  if (json === true) return cli.terminal.printJson(thing);
  return cli.terminal.print(...details(Object.entries(thing).map(([name, value]) => [name, plain(value)])));
}

/** What is disabled stands out. */
export const toneOfEnabled = ({ enabled }: { readonly enabled: boolean }): Tone | null =>
  enabled ? null : 'bad';

/** A time in a table: to the second, in a form that commands take. */
export function shortTime(time: string | null): string {
  return time === null ? '-' : time.replace(/\.\d+Z$/, 'Z');
}

/** A value of JSON for people. */
export function plain(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(plain).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

import type { Cli } from '../cli.js';
import { details, type Column, type Tone } from './table.js';

/** A column of a list, by the name of the member on the wire. */
export type ColumnSpec =
  | string
  | {
      readonly name: string;
      /** Default: the name in upper case. */
      readonly title?: string;
      /** Text that may be cut. Values that commands accept are never cut: ids, names and times. */
      readonly isText?: boolean;
      readonly tone?: (value: unknown) => Tone | null;
    };

type Row = Readonly<Record<string, unknown>>;

/** Highlights disabled rows. */
export const ENABLED: ColumnSpec = { name: 'enabled', tone: (value) => (value === true ? null : 'bad') };

export function columnsOf(specs: readonly ColumnSpec[]): Column<Row>[] {
  return specs.map((spec) => {
    const { name, title, isText = false, tone } = typeof spec === 'string' ? { name: spec } : spec;
    const value = name.endsWith('_at') ? shortTime : plain;
    return {
      title: title ?? name.replace(/_at$/, '').replaceAll('_', ' ').toUpperCase(),
      value: (row) => value(row[name]),
      isText,
      tone: (row) => tone?.(row[name]) ?? null,
    };
  });
}

/** Shows all members of one resource. */
export function showOne({ terminal }: Cli, thing: object, json: boolean | undefined): Promise<void> {
  if (json === true) return terminal.printJson(thing);
  return terminal.print(...details(Object.entries(thing).map(([name, value]) => [name, plain(value)])));
}

/** A time in a table: to the second, in a form that commands accept. */
export function shortTime(time: unknown): string {
  return plain(time).replace(/\.\d+Z$/, 'Z');
}

/** A value of JSON for people. */
function plain(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(plain).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

import { visible } from './visible.js';

export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => string;
}

const GAP = 2;

/** Narrower than this a cell says nothing. */
const MIN_WIDTH = 8;

/**
 * Rows as aligned columns for people. Where they do not fit, the widest column is cut, again and again, so that short
 * ones such as times stay whole.
 *
 * @param width columns that a line may have; `Infinity` cuts nothing
 */
export function table<T>(columns: readonly Column<T>[], rows: readonly T[], width: number): string[] {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ value }) => visible(value(row)))),
  ];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => length(line[index] ?? ''))));
  shrink(widths, width - GAP * (columns.length - 1));
  return cells.map((line) =>
    line
      .map((cell, index) => fit(cell, widths[index] ?? 0))
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

/** One thing as lines of `name: value`. */
export function details(entries: readonly (readonly [string, string])[]): string[] {
  const widest = Math.max(0, ...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${`${name}:`.padEnd(widest + GAP)}${visible(value)}`.trimEnd());
}

function shrink(widths: number[], available: number): void {
  let excess = widths.reduce((sum, each) => sum + each, 0) - available;
  while (excess > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    const current = widths[widest] ?? 0;
    if (current <= MIN_WIDTH) return;
    widths[widest] = current - 1;
    excess--;
  }
}

function fit(cell: string, width: number): string {
  const characters = Array.from(cell);
  if (characters.length <= width) return cell + ' '.repeat(width - characters.length);
  return `${characters.slice(0, width - 1).join('')}…`;
}

function length(text: string): number {
  return Array.from(text).length;
}

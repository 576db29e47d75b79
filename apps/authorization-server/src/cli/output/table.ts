import type { Cli, TableChoices } from '../cli.js';
import { visible } from './visible.js';

/** How a value is coloured, where there is colour. */
export type Tone = 'good' | 'bad';

export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => string;
  /** Text that may be cut. Values that commands accept are never cut: ids, names and times. */
  readonly isText?: boolean;
  readonly tone?: (row: T) => Tone | null;
}

interface TableOptions {
  /** Maximum columns of a line; `Infinity` cuts nothing. */
  readonly width: number;
  readonly hasColour?: boolean;
}

interface Cell {
  readonly text: string;
  readonly style: keyof typeof STYLES | null;
}

const GAP = 2;

/** Indentation of the second and following lines of a row. */
const INDENT = 2;

/** A narrower text is not useful. */
const MIN_TEXT_WIDTH = 16;

const STYLES = { title: '1', good: '32', bad: '31' } as const;

/**
 * Aligned columns for people. A row that is too long for one line continues in the next one, indented, and texts are
 * cut.
 */
export function table<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  { width, hasColour = false }: TableOptions,
): string[] {
  const cells = [
    columns.map(({ title }): Cell => ({ text: title, style: 'title' })),
    ...rows.map((row) => columns.map((column) => cellOf(column, row))),
  ];
  const full = columns.map((_, index) => Math.max(...cells.map((line) => widthOf(line[index]?.text ?? ''))));
  const least = columns.map(({ title, isText = false }, index) =>
    isText ? Math.min(full[index] ?? 0, Math.max(MIN_TEXT_WIDTH, title.length)) : (full[index] ?? 0),
  );
  const lines = breakIntoLines(least, width).map((indexes, line) => ({
    indent: ' '.repeat(line === 0 ? 0 : INDENT),
    widths: spread(indexes, least, full, width - (line === 0 ? 0 : INDENT)),
  }));
  return cells.flatMap((row) =>
    lines.map(({ indent, widths }) => {
      const shown = widths.map(([index, columnWidth], position) => {
        const { text, style } = row[index] ?? { text: '', style: null };
        const fitting = cut(text, columnWidth);
        const padding =
          position === widths.length - 1 ? '' : ' '.repeat(columnWidth - widthOf(fitting) + GAP);
        return (
          (hasColour && style !== null ? `\u001b[${STYLES[style]}m${fitting}\u001b[0m` : fitting) + padding
        );
      });
      return (indent + shown.join('')).trimEnd();
    }),
  );
}

/** One resource as lines of `name: value`. */
export function details(entries: readonly (readonly [string, string])[]): string[] {
  const widest = Math.max(0, ...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${`${name}:`.padEnd(widest + GAP)}${visible(value)}`.trimEnd());
}

function cellOf<T>({ value, tone }: Column<T>, row: T): Cell {
  return { text: visible(value(row)), style: tone?.(row) ?? null };
}

/** @returns the columns of each line */
function breakIntoLines(widths: readonly number[], available: number): number[][] {
  const lines: number[][] = [];
  let used = 0;
  for (const [index, width] of widths.entries()) {
    const line = lines.at(-1);
    used += GAP + width;
    if (line !== undefined && used <= available) line.push(index);
    else {
      used = (line === undefined ? 0 : INDENT) + width;
      lines.push([index]);
    }
  }
  return lines;
}

/** Distributes the remaining room of a line to its columns, from the left. */
function spread(
  indexes: readonly number[],
  least: readonly number[],
  full: readonly number[],
  available: number,
): [index: number, width: number][] {
  const taken = indexes.reduce((sum, index) => sum + (least[index] ?? 0), GAP * (indexes.length - 1));
  let left = Math.max(0, available - taken);
  return indexes.map((index) => {
    const width = Math.min(full[index] ?? 0, (least[index] ?? 0) + left);
    left -= width - (least[index] ?? 0);
    return [index, width];
  });
}

/** Characters that take two columns of a terminal: East Asian wide characters and most emoji. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;

/** Characters that take no column, because they combine with the character before. */
const COMBINING = /\p{M}/u;

/** Number of columns of a text on a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += widthOfCharacter(character);
  return width;
}

/** The beginning of a text, with an ellipsis if it is cut. */
function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = 1;
  for (const character of text) {
    used += widthOfCharacter(character);
    if (used > width) break;
    kept += character;
  }
  return `${kept}…`;
}

function widthOfCharacter(character: string): number {
  if (COMBINING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

export function showTable<T>(
  { terminal, environment }: Cli,
  columns: readonly Column<T>[],
  rows: readonly T[],
  { wide = false, color = true }: TableChoices,
): Promise<void> {
  const options = {
    width: wide ? Infinity : terminal.width,
    hasColour: color && terminal.hasColour(environment),
  };
  return terminal.print(...table(columns, rows, options));
}

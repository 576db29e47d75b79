import type { Cli } from '../cli.js';
import { table, type Column } from './table.js';

/** Options of a table. */
export interface TableChoices {
  /** One line for each row, however long, with nothing cut. */
  readonly wide?: boolean;
  /** `false`: no colour, also on a terminal. */
  readonly color?: boolean;
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

import type { Cli, TableChoices } from '../cli.js';
import { table, type Column } from './table.js';

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

import type { Terminal } from './terminal.js';

/** What every command works with. */
export interface Cli {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Parts of the options that many commands have. */
export interface JsonOption {
  readonly json?: boolean;
}

/** Options of a table. */
export interface TableChoices {
  /** One line for each row, however long, with nothing cut. */
  readonly wide?: boolean;
  /** `false`: no colour, also on a terminal. */
  readonly color?: boolean;
}

/** What every command on a running server may be given. */
export interface OnlineOptions extends JsonOption {
  readonly profile?: string;
}

/** Of a command that lists. */
export interface ListOptions extends TableChoices {
  readonly limit?: number;
  readonly all?: boolean;
}

import type { Terminal } from './terminal.js';

/** The environment of every command. */
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
  /** One line per row of any length, without cutting anything. */
  readonly wide?: boolean;
  /** `false`: no colour, also on a terminal. */
  readonly color?: boolean;
}

/** Options of every command on a running server. */
export interface OnlineOptions extends JsonOption {
  readonly profile?: string;
}

/** Options of a command that lists. */
export interface ListOptions extends TableChoices {
  readonly limit?: number;
  readonly all?: boolean;
}

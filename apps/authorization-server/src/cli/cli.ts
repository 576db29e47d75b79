import type { Terminal } from './terminal.js';

/** What every command works with. */
export interface Cli {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

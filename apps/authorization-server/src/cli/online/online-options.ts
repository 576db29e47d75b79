import type { JsonOption } from '../commands/options.js';
import type { ConnectionOptions } from './connection.js';

/** What every command on a running server may be given. */
export type OnlineOptions = ConnectionOptions & JsonOption;

/** A part of a path, whatever characters a name has. */
export const segment = encodeURIComponent;

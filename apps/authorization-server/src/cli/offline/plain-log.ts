import { Writable } from 'node:stream';
import { createLogger } from '@latchkey/platform/logging';
import type { Logger } from 'pino';
import type { Terminal } from '../terminal.js';

/** The server's logger, for people: what it warns of, without the JSON around it. */
export function plainLogger(terminal: Terminal): Logger {
  const lines = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const { msg, path } = JSON.parse(chunk.toString()) as { msg: string; path?: string };
      terminal.note(`latchkey: ${msg}${path === undefined ? '' : ` (${path})`}`);
      done();
    },
  });
  return createLogger('latchkey', 'warn', lines);
}

import { readFile } from 'node:fs/promises';
import { decodeText, NOT_UTF8 } from '@latchkey/platform/decode-text';
import { CliError } from './cli-error.js';
import { readInput } from './prompt.js';
import type { Terminal } from './terminal.js';

/** Names the standard input where a command takes the path of a file. */
export const STANDARD_INPUT = '-';

const MAX_BYTES = 1_000_000_000;

export interface TextInput {
  /** What to call it in messages. */
  readonly source: string;
  readonly text: string;
}

/** Reads a file, or the standard input for `-`: UTF-8, with or without a byte-order mark. @throws CliError */
export async function readTextInput(terminal: Terminal, path: string): Promise<TextInput> {
  if (path === STANDARD_INPUT) {
    return { source: 'The standard input', text: await readInput(terminal, MAX_BYTES) };
  }
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw CliError.usage(`${path} cannot be read (${code ?? message})`, 'See that the path is right.');
  }
  const text = decodeText(bytes);
  if (text === null) throw CliError.usage(`${path} ${NOT_UTF8}`);
  return { source: path, text };
}

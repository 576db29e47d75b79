import { decodeText, NOT_UTF8 } from '@latchkey/platform/decode-text';
import { readFile } from 'node:fs/promises';
import { CliError } from './cli-error.js';
import type { Cli } from './cli.js';
import type { Terminal } from './terminal.js';

/** Longer than any secret or password that the server takes. */
const MAX_INPUT = 65_536;

export interface AgreeOptions {
  readonly yes?: boolean;
}

/** Asks before an irreversible action. @throws CliError when it is refused, or there is no terminal */
export async function agree({ terminal }: Cli, question: string, { yes }: AgreeOptions): Promise<void> {
  if (yes === true) return;
  assertInteractive(terminal, '--yes');
  if (!(await confirm(terminal, question))) throw new CliError('Nothing was changed');
}

/** @returns whether the answer was yes */
export async function confirm(terminal: Terminal, question: string): Promise<boolean> {
  const answer = await terminal.lines.ask(`${question} [y/N] `, { isShown: true });
  return /^y(es)?$/i.test(answer.trim());
}

/**
 * Reads an existing secret: typed without echo on a terminal, else the first line of the standard input.
 *
 * @param what the name of the secret in the question
 * @throws CliError
 */
export async function readSecret(terminal: Terminal, what: string): Promise<string> {
  if (!terminal.isInteractive && terminal.stdin.isTTY === true) {
    throw CliError.usage(`The ${what} cannot be asked for: the standard error is not a terminal`);
  }
  const secret = terminal.isInteractive
    ? await terminal.lines.ask(`${what}: `, { isShown: false })
    : firstLine(await readInput(terminal));
  if (secret.includes('\ufffd')) throw CliError.usage(`The ${what} ${NOT_UTF8}`);
  if (secret === '') throw CliError.usage(`The ${what} is empty`, 'Nothing was done.');
  return secret;
}

/** Reads a new secret. A terminal asks twice, because a typing error would lock the owner out. @throws CliError */
export async function readNewSecret(terminal: Terminal, what: string): Promise<string> {
  const secret = await readSecret(terminal, what);
  if (!terminal.isInteractive) return secret;
  const repeated = await terminal.lines.ask(`${what} again: `, { isShown: false });
  if (repeated === secret) return secret;
  throw CliError.usage(`The ${what} was not the same both times`, 'Nothing was done; try again.');
}

/** @param option replaces the question @throws CliError when the terminal is not interactive */
export function assertInteractive({ isInteractive }: Terminal, option: string): void {
  if (!isInteractive) throw CliError.usage(`This is not an interactive terminal; pass ${option}`);
}

/** All of the standard input. */
export async function readInput(terminal: Terminal, limit = MAX_INPUT): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of terminal.stdin) {
    const bytes = Buffer.from(chunk as Buffer);
    size += bytes.length;
    if (size > limit) throw CliError.usage('The standard input is too long');
    chunks.push(bytes);
  }
  const text = decodeText(Buffer.concat(chunks));
  if (text === null) throw CliError.usage(`The standard input ${NOT_UTF8}`);
  return text;
}

function firstLine(text: string): string {
  return /^[^\r\n]*/.exec(text)?.[0] ?? '';
}

/** Stands for the standard input where a command expects the path of a file. */
export const STANDARD_INPUT = '-';

const MAX_BYTES = 1_000_000_000;

interface TextInput {
  /** The name of the source in messages. */
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

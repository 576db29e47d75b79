import { createInterface } from 'node:readline/promises';
import { decodeText, NOT_UTF8 } from '@latchkey/platform';
import { CliError } from './cli-error.js';
import { EXIT } from './exit-status.js';
import type { Terminal } from './terminal.js';

const INTERRUPT = '\u0003';
const END_OF_INPUT = '\u0004';
const ERASE = new Set(['\u007f', '\b']);

/** Longer than any secret or password that the server takes. */
const MAX_INPUT = 65_536;

/** @returns whether the answer was yes */
export async function confirm(terminal: Terminal, question: string): Promise<boolean> {
  const lines = createInterface({ input: terminal.stdin, output: terminal.stderr });
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      lines.once('SIGINT', () => reject(interrupted()));
      lines.once('close', () => resolve(''));
      void lines.question(`${question} [y/N] `).then(resolve, reject);
    });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}

/**
 * A secret: typed without being shown where there is a terminal, else the first line of the standard input.
 *
 * @param what names it in the question
 */
export async function readSecret(terminal: Terminal, what: string): Promise<string> {
  const secret = terminal.isInteractive
    ? await typeSecret(terminal, `${what}: `)
    : firstLine(await readInput(terminal));
  if (secret === '') throw CliError.usage(`The ${what} is empty`, `Give it on the standard input.`);
  return secret;
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

function typeSecret({ stdin, stderr }: Terminal, question: string): Promise<string> {
  stderr.write(question);
  stdin.setRawMode?.(true);
  return new Promise<string>((resolve, reject) => {
    let typed = '';
    const finish = (settle: () => void): void => {
      stdin.off('data', onData);
      stdin.setRawMode?.(false);
      stdin.pause();
      stderr.write('\n');
      settle();
    };
    const onData = (chunk: Buffer): void => {
      for (const character of chunk.toString('utf8')) {
        if (character === INTERRUPT) return finish(() => reject(interrupted()));
        if (character === '\r' || character === '\n' || character === END_OF_INPUT) {
          return finish(() => resolve(typed));
        }
        if (ERASE.has(character)) typed = Array.from(typed).slice(0, -1).join('');
        else typed += character;
      }
    };
    stdin.on('data', onData);
  });
}

function interrupted(): CliError {
  return new CliError('Interrupted', EXIT.interrupted);
}

import type { CodeBlock } from './code-blocks.js';

/** Printed by a clone that was never built; this one was. */
const ONLY_THE_FIRST_TIME = 'Building (once) ...';

interface Commands {
  /** For a shell. */
  readonly script: string;
  /** Lines that they must print, in this order; others may be between. */
  readonly expected: readonly string[];
}

/**
 * What a block runs and shows: all of an `sh` block, the lines of a `console` block that begin with `$ ` and what they
 * print.
 *
 * @param before the block before it
 */
export function commandsOf(block: CodeBlock, before: CodeBlock | undefined): Commands {
  const lines = block.text.split('\n').filter((line) => line.trim() !== '' && line !== ONLY_THE_FIRST_TIME);
  if (block.runsLinesAbove) return { script: indentedLines(before?.text ?? ''), expected: lines };
  if (block.language !== 'console') return { script: block.text, expected: [] };
  const script: string[] = [];
  const expected: string[] = [];
  let continues = false;
  for (const line of lines) {
    const isCommand: boolean = continues || line.startsWith('$ ');
    if (isCommand) script.push(line.replace(/^[$>] /, ''));
    else expected.push(line);
    continues = isCommand && line.endsWith('\\');
  }
  return { script: script.join('\n'), expected };
}

function indentedLines(text: string): string {
  const lines = text.split('\n');
  return lines
    .filter((line, index) => /^ {2}(TOKEN=|curl )/.test(line) || /\\$/.test(lines[index - 1] ?? ''))
    .join('\n');
}

/**
 * The first expected line that was not printed after those before it, or `null`. Answers of `curl` have no line break at
 * their end, so two of them may share a line.
 */
export function missingLine(expected: readonly string[], output: string): string | null {
  let rest = output;
  for (const line of expected) {
    const found = loosely(line).exec(rest);
    if (found === null) return line;
    rest = rest.slice(found.index + found[0].length);
  }
  return null;
}

/** `...` stands for anything; identifiers, times, tokens, ports and hexadecimal secrets are others each time. */
function loosely(line: string): RegExp {
  const varying: readonly (readonly [RegExp, string])[] = [
    [/eyJ\S*/g, 'eyJ[^"\\s]+'],
    [/\b[0-9a-f]{8}-(\\\.\\\.\\\.|[0-9a-f-]{27})/g, '[0-9a-f-]{36}'],
    [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\\\.\d{3}Z/g, '[^"\\s]+Z'],
    [/(127\\\.0\\\.0\\\.1|localhost):\d+/g, '$1:\\d+'],
    [/\s*(\\\.){3}\s*/g, '.*'],
    [/\s+/g, '\\s+'],
  ];
  const escaped = line.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(varying.reduce((text, [pattern, by]) => text.replaceAll(pattern, by), escaped));
}

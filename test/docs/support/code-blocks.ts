import { readdirSync, readFileSync } from 'node:fs';

/** What people read, except for the reference and the decisions. */
export const PAGES = [
  'README.md',
  'libs/resource-server/README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** A fenced block of a page, and what a comment before it says about running it. */
export interface CodeBlock {
  readonly page: string;
  /** Of the opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** The path of a file, as in `ts title="src/main.ts"`; `null` for a fragment. */
  readonly title: string | null;
  readonly text: string;
  /** `<!-- not run: REASON -->`; `null` where there is none. */
  readonly notRun: string | null;
  /** `<!-- runs the lines above -->`: the indented lines that the block before it shows as output. */
  readonly runsLinesAbove: boolean;
}

const FENCE = /^```(\w*)(?: title="([^"]+)")?[^\n]*\n(.*?)^```$/gms;
const NOT_RUN = /<!-- not run: ([^>]+) -->\s*$/;
const LINES_ABOVE = /<!-- runs the lines above -->\s*$/;

/** All fenced blocks of a page, in their order. */
export function codeBlocks(page: string): CodeBlock[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(FENCE)].map((match) => {
    const before = text.slice(0, match.index);
    return {
      page,
      line: before.split('\n').length,
      language: match[1] ?? '',
      title: match[2] ?? null,
      text: match[3] ?? '',
      notRun: NOT_RUN.exec(before)?.[1] ?? null,
      runsLinesAbove: LINES_ABOVE.test(before),
    };
  });
}

export const isCommands = ({ language }: CodeBlock): boolean => ['sh', 'console', 'bash'].includes(language);

/** Lines that do nothing but set variables: a configuration in the notation of a shell. */
export const isSettings = ({ language, text }: CodeBlock): boolean =>
  language === 'sh' && text.split('\n').every((line) => /^([A-Z_]+=\S*(\s+#.*)?)?$/.test(line));

/** The one block of a page that has a text in it, and not another one. */
export function blockWith(page: string, text: string, without?: string): string {
  const found = codeBlocks(page).filter(
    (block) => block.text.includes(text) && (without === undefined || !block.text.includes(without)),
  );
  if (found.length !== 1) throw new Error(`${page} shows ${found.length} blocks with ${text}`);
  return found[0]?.text ?? '';
}

import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type Node } from 'yaml';

/** Keys and indexes from the root of a file to a value. */
export type Path = readonly (string | number)[];

/** A problem of a file. The text never repeats a value. */
export interface Problem {
  /** `null`: the text itself names the line. */
  readonly path: Path | null;
  readonly line: number | null;
  readonly text: string;
}

/** Only what JSON can express, whatever the file declares. Warnings would print parts of the file to the console. */
const YAML_OPTIONS = {
  schema: 'core',
  resolveKnownTags: false,
  prettyErrors: false,
  logLevel: 'error',
} as const;

/** Messages for frequent mistakes; the parser's own messages may quote the file. */
const SYNTAX_ERRORS: Readonly<Record<string, string>> = {
  BAD_INDENT: 'the indentation is wrong',
  BAD_SCALAR_START: 'a text that begins with a reserved character: put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a colon followed by a space in a text: put the text in quotes',
  DUPLICATE_KEY: 'this key is there twice',
  MISSING_CHAR: 'a quotation mark, a bracket or the "- " of a list entry is missing',
  TAB_AS_INDENT: 'a tab cannot indent: use spaces',
};

/** Keys that would change the prototype of an object that is built from the data. None of our keys has such a name. */
const UNSAFE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** A file in YAML or JSON (a subset of YAML), with the positions of its values. */
export class ConfigurationText {
  /** What can be read, even if there are syntax errors elsewhere; `undefined`: nothing. */
  readonly data: unknown;
  readonly problems: readonly Problem[];
  readonly #document;
  readonly #lines = new LineCounter();

  constructor(text: string) {
    this.#document = parseDocument(text, { ...YAML_OPTIONS, lineCounter: this.#lines });
    const problems: Problem[] = this.#document.errors.map(({ code, pos }) => ({
      path: null,
      line: this.#lineAt(pos[0]),
      text: `not valid YAML: ${SYNTAX_ERRORS[code] ?? code}`,
    }));
    const aliases = this.#wrongAliases();
    problems.push(...aliases);
    const json = aliases.length === 0 ? this.#toJson(problems) : undefined;
    this.data = json === undefined ? undefined : this.#safe(JSON.parse(json), [], problems);
    this.problems = problems;
  }

  get hasSyntaxErrors(): boolean {
    return this.#document.errors.length > 0;
  }

  /** The line of a value, or of its parent if it is missing; `null` for a file of one line. */
  lineOf(path: Path): number | null {
    return this.#lines.lineStarts.length < 2 ? null : this.#lineAt(this.#find(path).position);
  }

  /** Whether a syntax error is in a value or next to it, so that the value may have been misread. */
  isBroken(path: Path): boolean {
    const range = this.#find(path).node?.range;
    if (!range) return true;
    return this.#document.errors.some(({ pos }) => pos[0] <= range[2] && pos[1] >= range[0] - 1);
  }

  #lineAt(position: number): number {
    return this.#lines.linePos(position).line;
  }

  /** Follows the path as far as it exists. */
  #find(path: Path): { node: Node | null; position: number } {
    let node: Node | null = this.#document.contents;
    let position = node?.range?.[0] ?? 0;
    for (const step of path) {
      if (isAlias(node)) node = node.resolve(this.#document) ?? null;
      let next: unknown;
      if (isMap(node)) {
        const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
        if (pair === undefined) break;
        position = (pair.key as Node).range?.[0] ?? position;
        next = pair.value;
      } else if (isSeq(node) && typeof step === 'number' && step < node.items.length) {
        next = node.items[step];
        position = (next as Node | null)?.range?.[0] ?? position;
      } else break;
      node = (next ?? null) as Node | null;
    }
    return { node, position };
  }

  #wrongAliases(): Problem[] {
    const problems: Problem[] = [];
    visit(this.#document, {
      Alias: (_, alias) => {
        if (alias.resolve(this.#document) !== undefined) return;
        problems.push({
          path: null,
          line: this.#lineAt(alias.range?.[0] ?? 0),
          text: 'an alias without its anchor',
        });
      },
    });
    return problems;
  }

  #toJson(problems: Problem[]): string | undefined {
    try {
      return JSON.stringify(this.#document.toJS());
    } catch {
      problems.push({ path: [], line: null, text: 'an alias contains itself or is repeated too often' });
      return undefined;
    }
  }

  /** A copy of the value without unsafe keys. */
  #safe(value: unknown, path: Path, problems: Problem[]): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value))
      return value.map((entry, index) => this.#safe(entry, [...path, index], problems));
    const entries = Object.entries(value).filter(([key]) => {
      if (UNSAFE_KEYS.has(key)) problems.push({ path, line: null, text: `there is no key ${key}` });
      return !UNSAFE_KEYS.has(key);
    });
    return Object.fromEntries(
      entries.map(([key, inner]) => [key, this.#safe(inner, [...path, key], problems)]),
    );
  }
}

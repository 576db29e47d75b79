import { ConfigurationError, decodeText, NOT_UTF8 } from '@latchkey/platform/environment';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { readFile } from 'node:fs/promises';
import { canonicalUsername } from '../users/username.js';
import { ConfigurationDocument } from './configuration-document.js';
import { ConfigurationText, type Path, type Problem } from './configuration-text.js';
import { type InvalidValue, invalidValues } from './invalid-values.js';

/** The lists of a file, and the key that names their entries. */
const NAMES = { scopes: 'name', groups: 'name', clients: 'client_id', users: 'username' } as const;

type List = keyof typeof NAMES;

type Entries<L extends List> = NonNullable<ConfigurationDocument[L]>;

/** A parsed file with all problems that the file itself shows. */
export class ParsedConfiguration {
  /** Entries that are not {@link isWhole} may contain anything. */
  readonly document: ConfigurationDocument;
  readonly #text: ConfigurationText;
  readonly #problems: readonly Problem[];
  readonly #invalid: ReadonlySet<string>;

  /** @param source name of the file in messages */
  constructor(
    text: string,
    private readonly source: string,
  ) {
    this.#text = new ConfigurationText(text);
    const { data, problems } = this.#text;
    const isMapping = typeof data === 'object' && data !== null && !Array.isArray(data);
    this.document = plainToInstance(ConfigurationDocument, isMapping ? withoutEmptyLists(data) : {});
    const values = [...this.#invalidValues(), ...repeatedNames(this.document)];
    this.#invalid = new Set(values.map(({ path }) => placeOf(path.slice(0, 2))));
    this.#problems = [
      ...problems,
      // What was read next to a syntax error may differ from what was meant.
      ...values
        .filter(({ path }) => !this.#isBroken(path.slice(0, 2)))
        .map(({ path, text: what }) => ({ path, line: null, text: what })),
      ...(isMapping || problems.length > 0
        ? []
        : [{ path: [], line: null, text: 'must be a mapping with scopes, groups, clients and users' }]),
    ];
  }

  get isWhole(): boolean {
    return this.#problems.length === 0;
  }

  /** Whether the scopes that the file creates are known, so that other entries can refer to them. */
  get hasKnownScopes(): boolean {
    const { scopes } = this.document;
    if (!this.#text.hasSyntaxErrors) return scopes === undefined || Array.isArray(scopes);
    return Array.isArray(scopes) && !this.#text.isBroken(['scopes']);
  }

  /** The valid entries of a list, with their indexes. */
  entries<L extends List>(list: L): [number, Entries<L>[number]][] {
    const all: unknown = this.document[list];
    return listed(all).flatMap(([index, entry]) => {
      const isWhole = !this.#invalid.has(placeOf([list, index])) && !this.#isBroken([list, index]);
      return isWhole ? [[index, entry as Entries<L>[number]] as [number, Entries<L>[number]]] : [];
    });
  }

  /** The names of all scopes, including those of invalid entries. */
  scopeNames(): string[] {
    return listed(this.document.scopes).flatMap(([, entry]) => {
      const name = (entry as Record<string, unknown> | null)?.[NAMES.scopes];
      return typeof name === 'string' ? [name] : [];
    });
  }

  /** @returns an error with all problems of the file, in the order of the file */
  refusal(more: readonly InvalidValue[] = []): ConfigurationError {
    const all = [...this.#problems, ...more.map(({ path, text }) => ({ path, line: null, text }))];
    const located = all.map(({ path, line, text }) => {
      const at = line ?? this.#text.lineOf(path ?? []);
      if (path === null) return { at, message: `line ${at ?? 1}: ${text}` };
      return { at, message: `${placeOf(path)}: ${text}${at === null ? '' : ` (line ${at})`}` };
    });
    located.sort((left, right) => (left.at ?? 0) - (right.at ?? 0));
    return new ConfigurationError(
      this.source,
      located.map(({ message }) => message),
    );
  }

  #isBroken(path: Path): boolean {
    return this.#text.hasSyntaxErrors && this.#text.isBroken(path);
  }

  #invalidValues(): InvalidValue[] {
    const options = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true };
    return validateSync(this.document, options).flatMap((error) => invalidValues(error));
  }
}

/**
 * Reads a configuration file in YAML or JSON (a subset of YAML).
 *
 * @param source name of the file in messages
 * @throws ConfigurationError naming the place of every unknown key and wrong value, without the values
 */
export function parseConfiguration(text: string, source: string): ConfigurationDocument {
  const parsed = new ParsedConfiguration(text, source);
  if (!parsed.isWhole) throw parsed.refusal();
  return parsed.document;
}

/** A key such as `users:` without a value usually means an empty list. */
function withoutEmptyLists(content: object): object {
  return Object.fromEntries(
    Object.entries(content).filter(([key, value]) => value !== null || !(key in NAMES)),
  );
}

function listed(value: unknown): [number, unknown][] {
  return Array.isArray(value) ? [...(value as unknown[]).entries()] : [];
}

function placeOf(path: Path): string {
  if (path.length === 0) return 'the file';
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .slice(1);
}

function repeatedNames(document: ConfigurationDocument): InvalidValue[] {
  return Object.entries(NAMES).flatMap(([list, key]) => {
    const first = new Map<string, number>();
    return listed(document[list as List]).flatMap(([index, entry]) => {
      const written = (entry as Record<string, unknown> | null)?.[key];
      if (typeof written !== 'string') return [];
      const name = key === 'username' ? (canonicalUsername(written) ?? written) : written;
      const earlier = first.get(name);
      if (earlier === undefined) first.set(name, index);
      return earlier === undefined
        ? []
        : [{ path: [list, index, key], text: `is the same as in ${list}[${earlier}]` }];
    });
  });
}

/** A configuration file that was read and not yet parsed. */
export interface ConfigurationFile {
  /** The path, which names the file in messages. */
  readonly source: string;
  readonly text: string;
}

/** @throws ConfigurationError when it cannot be read */
export async function readConfigurationFile(path: string): Promise<ConfigurationFile> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new ConfigurationError(path, [
      `it cannot be read (${(error as { code?: string }).code ?? 'unknown'})`,
    ]);
  }
  const text = decodeText(bytes);
  if (text === null) throw new ConfigurationError(path, [`it ${NOT_UTF8}`]);
  return { source: path, text };
}

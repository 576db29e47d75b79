import type { SourceTree } from './source-tree.mjs';

/** A change of one declaration: `replace` and `with`, `remove`, `before` or `after` with `insert`, or `body`. */
export interface Edit {
  /** Name of the declaration. */
  readonly in: string;
  readonly replace?: string;
  readonly with?: string;
  readonly remove?: string;
  readonly before?: string;
  readonly after?: string;
  readonly insert?: string;
  readonly body?: string;
}

/** Takes one defence out of the sources. */
export interface Proof {
  readonly defence: string;
  readonly edits: readonly Edit[];
}

/** @param file YAML */
export function readProofs(file: string): Proof[];

/**
 * @returns the files that change, as they become
 * @throws when the sources have no such code, or have it more than once
 */
export function takeOut(proof: Proof, sources: SourceTree): Map<string, string>;

/** The same for edits by themselves. */
export function applyEdits(edits: readonly Edit[], sources: SourceTree): Map<string, string>;

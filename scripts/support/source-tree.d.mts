import type ts from 'typescript';

export interface Declaration {
  readonly source: ts.SourceFile;
  readonly node: ts.Node;
}

/** The production sources as declarations that are found by their name, in whatever file they are. */
export class SourceTree {
  constructor(files: Iterable<readonly [file: string, text: string]>);
  /** @param folder of the repository or of a copy */
  static read(folder: string): SourceTree;
  /** @param name of a function, a constant or a class, or `Class.member` */
  find(name: string): readonly Declaration[];
}

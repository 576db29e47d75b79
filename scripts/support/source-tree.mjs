// The production sources as declarations that are found by their name, in whatever file they are.
// @ts-check
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const SOURCE = /(?<!\.spec|\.spec-support|\.d)\.(ts|cjs)$/;

/**
 * @typedef {object} Declaration
 * @property {ts.SourceFile} source
 * @property {ts.Node} node
 */

export class SourceTree {
  /** @type {Map<string, Declaration[]>} */
  #declarations = new Map();

  /** @param {Iterable<readonly [file: string, text: string]>} files */
  constructor(files) {
    for (const [file, text] of files) {
      const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
      for (const [name, node] of declarationsOf(source)) {
        this.#declarations.set(name, [...this.find(name), { source, node }]);
      }
    }
  }

  /**
   * @param {string} folder of the repository or of a copy
   * @returns {SourceTree} without tests
   */
  static read(folder) {
    const files = ['apps', 'libs'].flatMap((part) =>
      readdirSync(join(folder, part)).flatMap((name) => filesIn(folder, join(part, name, 'src'))),
    );
    return new SourceTree(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
  }

  /**
   * @param {string} name of a function, a constant, a class or a type, or `Class.member`
   * @returns {readonly Declaration[]} what has the name
   */
  find(name) {
    return this.#declarations.get(name) ?? [];
  }
}

/**
 * @param {string} folder
 * @param {string} part of it
 */
function filesIn(folder, part) {
  return readdirSync(join(folder, part), { recursive: true, encoding: 'utf8' })
    .filter((file) => SOURCE.test(file))
    .map((file) => join(part, file));
}

/**
 * @param {ts.SourceFile} source
 * @returns {Iterable<[name: string, node: ts.Node]>}
 */
function* declarationsOf(source) {
  for (const statement of source.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.body !== undefined && statement.name !== undefined) {
      yield [statement.name.text, statement];
    } else if (ts.isClassDeclaration(statement) && statement.name !== undefined) {
      const name = statement.name.text;
      yield [name, statement];
      for (const member of statement.members) {
        if (!isSignature(member)) yield [`${name}.${nameOf(member, source)}`, member];
      }
    } else if (ts.isTypeAliasDeclaration(statement)) {
      yield [statement.name.text, statement];
    } else if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations) {
        yield [declaration.name.getText(source), statement];
      }
    }
  }
}

/** An overload or an abstract method says nothing that could be taken out. @param {ts.ClassElement} member */
function isSignature(member) {
  return (ts.isMethodDeclaration(member) || ts.isConstructorDeclaration(member)) && member.body === undefined;
}

/**
 * @param {ts.ClassElement} member
 * @param {ts.SourceFile} source
 */
function nameOf(member, source) {
  return ts.isConstructorDeclaration(member) ? 'constructor' : member.name?.getText(source);
}

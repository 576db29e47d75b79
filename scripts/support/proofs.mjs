// Proofs that tests can fail. Each one takes a single defence out of the sources. It names the declaration and the piece
// of code inside, and no file or line, so that code can move (CONTRIBUTING.md).
// @ts-check
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { parseDocument, visit } from 'yaml';
import { findPiece, tokensOfNode, tokensOfText } from './source-tokens.mjs';

const FIELDS = new Set(['in', 'replace', 'with', 'remove', 'before', 'after', 'insert', 'body']);

/**
 * @typedef {object} Edit
 * @property {string} in name of the declaration
 * @property {string} [replace] a piece of it
 * @property {string} [with] what it becomes
 * @property {string} [remove] a piece of it
 * @property {string} [before] a piece of it
 * @property {string} [after] a piece of it
 * @property {string} [insert] what is put before or after the piece
 * @property {string} [body] what the body of the function becomes
 *
 * @typedef {object} Proof
 * @property {string} defence what is taken out
 * @property {readonly Edit[]} edits
 *
 * @typedef {import('./source-tree.mjs').SourceTree} SourceTree
 * @typedef {{ start: number, end: number, text: string }} Change of one file
 */

/**
 * @param {string} file YAML
 * @returns {Proof[]}
 * @throws when it cannot be read
 */
export function readProofs(file) {
  // In this schema `with: true` is the text `true`.
  const document = parseDocument(readFileSync(file, 'utf8'), { schema: 'failsafe' });
  for (const { message } of document.errors) throw new Error(`${file}: ${message}`);
  visit(document, {
    Scalar(_, { comment, value }) {
      // The name of a private member begins a comment behind a space: half of the code would be lost.
      if (comment) throw new Error(`${file}: a comment cuts off "${value}"; put it in quotes`);
    },
  });
  return document.toJS().map((/** @type {any} */ { defence, edits, ...edit }) => ({
    defence,
    edits: edits ?? [edit],
  }));
}

/**
 * @param {Proof} proof
 * @param {SourceTree} tree
 * @returns {Map<string, string>} the files that change, as they become
 * @throws when the sources have no such code, or have it more than once
 */
export function takeOut({ defence, edits }, tree) {
  try {
    return applyEdits(edits, tree);
  } catch (error) {
    throw new Error(`"${defence}": ${/** @type {Error} */ (error).message}`, { cause: error });
  }
}

/**
 * @param {readonly Edit[]} edits
 * @param {SourceTree} tree
 * @returns {Map<string, string>} the files that change, as they become
 * @throws as {@link takeOut}
 */
export function applyEdits(edits, tree) {
  /** @type {Map<ts.SourceFile, Change[]>} */
  const changes = new Map();
  for (const edit of edits) {
    const { source, change } = changeOf(edit, tree);
    changes.set(source, [...(changes.get(source) ?? []), change]);
  }
  return new Map([...changes].map(([source, list]) => [source.fileName, applied(source, list)]));
}

/**
 * @param {Edit} edit
 * @param {SourceTree} tree
 * @returns {{ source: ts.SourceFile, change: Change }}
 */
function changeOf(edit, tree) {
  const unknown = Object.keys(edit).filter((field) => !FIELDS.has(field));
  if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: no such field`);
  const declarations = tree.find(edit.in);
  if (declarations.length === 0) throw new Error(`no source declares ${edit.in}`);
  if (edit.body !== undefined) {
    const text = `{\n${edit.body}\n}`;
    const bodies = declarations.flatMap(({ source, node }) => placesOfBody(source, node));
    return only(bodies, `${edit.in} as a function`, () => text);
  }
  const { piece, becomes } = pieceOf(edit);
  const tokens = tokensOfText(piece);
  const places = declarations.flatMap(({ source, node }) =>
    findPiece(tokensOfNode(node, source), tokens).map((place) => ({ source, ...place })),
  );
  return only(places, `${edit.in} with: ${piece.trim()}`, becomes);
}

/**
 * @param {{ source: ts.SourceFile, start: number, end: number }[]} places
 * @param {string} wanted
 * @param {(code: string) => string} becomes
 */
function only(places, wanted, becomes) {
  const [place] = places;
  if (place === undefined) throw new Error(`no source has ${wanted}`);
  if (places.length > 1) {
    const files = new Set(places.map(({ source }) => source.fileName));
    throw new Error(`the sources have ${places.length} times (${[...files].join(', ')}) ${wanted}`);
  }
  const { source, start, end } = place;
  return { source, change: { start, end, text: becomes(source.text.slice(start, end)) } };
}

/** @param {Edit} edit @returns {{ piece: string, becomes: (code: string) => string }} */
function pieceOf({ replace, with: replacement, remove, before, after, insert }) {
  if (remove !== undefined) return { piece: remove, becomes: () => '' };
  if (replace !== undefined && replacement !== undefined)
    return { piece: replace, becomes: () => replacement };
  if (before !== undefined && insert !== undefined)
    return { piece: before, becomes: (code) => `${insert}\n${code}` };
  if (after !== undefined && insert !== undefined)
    return { piece: after, becomes: (code) => `${code}\n${insert}` };
  throw new Error('an edit has replace and with, remove, before or after with insert, or body');
}

/**
 * @param {ts.SourceFile} source
 * @param {ts.Node} node
 */
function placesOfBody(source, node) {
  const body = 'body' in node ? /** @type {ts.Node | undefined} */ (node.body) : undefined;
  return body === undefined ? [] : [{ source, start: body.getStart(source), end: body.end }];
}

/**
 * @param {ts.SourceFile} source
 * @param {readonly Change[]} changes
 * @returns {string}
 * @throws when what comes out is no program
 */
function applied(source, changes) {
  let text = source.text;
  let rest = text.length;
  for (const { start, end, text: becomes } of changes.toSorted((one, other) => other.start - one.start)) {
    if (end > rest) throw new Error('two edits overlap');
    text = text.slice(0, start) + becomes + text.slice(end);
    rest = start;
  }
  if (text === source.text) throw new Error('nothing changes');
  // TypeScript has the errors of its parser here, and offers them nowhere else without a program.
  const { parseDiagnostics } = /** @type {any} */ (
    ts.createSourceFile(source.fileName, text, ts.ScriptTarget.Latest)
  );
  for (const { messageText } of parseDiagnostics) {
    throw new Error(`the code is broken: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  }
  return text;
}

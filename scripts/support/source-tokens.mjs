// Source text without its layout: line breaks, comments and what a formatter adds make no difference.
// @ts-check
import ts from 'typescript';

// Words and single characters: coarser than TypeScript's tokens, and the same in the SQL of a template.
const TOKEN = /#?\p{ID_Continue}+|\S/gu;

/**
 * @typedef {object} Token
 * @property {string} text
 * @property {number} start in the file
 * @property {number} end
 */

/** @param {string} text without comments */
export function tokensOfText(text) {
  return withoutTrailingCommas(split(text, 0));
}

/**
 * @param {ts.Node} node
 * @param {ts.SourceFile} source
 */
export function tokensOfNode(node, source) {
  return withoutTrailingCommas(
    leavesOf(node, source).flatMap((leaf) => split(leaf.getText(source), leaf.getStart(source))),
  );
}

/**
 * @param {readonly Token[]} tokens
 * @param {readonly Token[]} piece
 * @returns {{ start: number, end: number }[]} where the piece is
 */
export function findPiece(tokens, piece) {
  const places = [];
  for (let first = 0; first + piece.length <= tokens.length; first++) {
    const found = tokens.slice(first, first + piece.length);
    const [start, end] = [found.at(0)?.start, found.at(-1)?.end];
    if (start === undefined || end === undefined) continue;
    if (found.every(({ text }, index) => text === piece[index]?.text)) places.push({ start, end });
  }
  return places;
}

/**
 * @param {string} text
 * @param {number} offset
 * @returns {Token[]}
 */
function split(text, offset) {
  return [...text.matchAll(TOKEN)].map(({ 0: word, index }) => ({
    text: word,
    start: offset + index,
    end: offset + index + word.length,
  }));
}

/** A formatter ends a list that it breaks into lines with a comma. @param {Token[]} tokens */
function withoutTrailingCommas(tokens) {
  return tokens.filter(({ text }, index) => text !== ',' || !/^[)\]}]$/.test(tokens[index + 1]?.text ?? ''));
}

/**
 * @param {ts.Node} node
 * @param {ts.SourceFile} source
 * @returns {ts.Node[]} without comments
 */
function leavesOf(node, source) {
  if (ts.isJSDoc(node)) return [];
  const children = node.getChildren(source);
  return children.length === 0 ? [node] : children.flatMap((child) => leavesOf(child, source));
}

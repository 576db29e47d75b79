import { withLowS } from '@latchkey/contracts';

/** The order of P-256, once more: a test does not take it from what it tests. */
const ORDER = BigInt('115792089210356248762697446949407573529996955224135760342422259061068512044369');

/** A JWT as Latchkey signs it: of the two ES256 signatures that verify, the one with the smaller `s`. */
export function canonical(token: string): string {
  const { head, signature } = split(token);
  return head + withLowS(signature).toString('base64url');
}

/** The same JWT with the other ES256 signature that verifies: (r, n - s) in place of (r, s). */
export function withOtherSignature(token: string): string {
  const { head, signature } = split(token);
  const s = BigInt(`0x${signature.subarray(32).toString('hex')}`);
  const other = Buffer.from((ORDER - s).toString(16).padStart(64, '0'), 'hex');
  return head + Buffer.concat([signature.subarray(0, 32), other]).toString('base64url');
}

/** Other texts that a decoder may take for the same bytes at the end of a token. */
export function otherEndings(token: string): string[] {
  const last = ALPHABET.indexOf(token.at(-1) ?? '');
  // The last character of base64url carries bits that no byte needs, unless the length is a multiple of three.
  const strayBits = [1, 2, 3].map((bits) => token.slice(0, -1) + ALPHABET.charAt(last ^ bits));
  const encodedStart = Math.max(token.lastIndexOf('.'), token.lastIndexOf('_', 4)) + 1;
  const standard =
    token.slice(0, encodedStart) + token.slice(encodedStart).replaceAll('-', '+').replaceAll('_', '/');
  return [...strayBits, `${token}=`, `${token}==`, ...(standard === token ? [] : [standard])];
}

/** Texts with what belongs to no alphabet. */
export function withSpaces(token: string): string[] {
  return [
    ` ${token}`,
    `${token} `,
    `${token}\n`,
    `${token.slice(0, -3)}\r\n${token.slice(-3)}`,
    `${token}\0`,
  ];
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function split(token: string): { head: string; signature: Buffer } {
  const end = token.lastIndexOf('.') + 1;
  return { head: token.slice(0, end), signature: Buffer.from(token.slice(end), 'base64url') };
}

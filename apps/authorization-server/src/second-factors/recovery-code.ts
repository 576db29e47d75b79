import { randomBytes } from 'node:crypto';

/** How many codes a user gets at a time. */
export const RECOVERY_CODES = 10;

/** 80 bits: not to be guessed, even by who has the keyed hashes and the key. */
const CODE_BYTES = 10;

/** Of base32 (RFC 4648 section 6), in lower case: no digit that looks like a letter of it. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const BITS = 5;

/** Four groups, as they are printed and typed. */
const GROUP = /.{4}(?=.)/g;
const CODE = /^[a-z2-7]{16}$/;

export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => toText(randomBytes(CODE_BYTES)));
}

/** @returns the code as it is hashed; `null` for any text that is no code. Hyphens, spaces and capitals do not matter */
export function normalizeRecoveryCode(text: string): string | null {
  const code = text.replaceAll(/[ -]/g, '').toLowerCase();
  return CODE.test(code) ? code : null;
}

function toText(bytes: Buffer): string {
  let bits = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (let place = 0; place < (CODE_BYTES * 8) / BITS; place++) {
    text = `${ALPHABET[Number(bits & 31n)]}${text}`;
    bits >>= 5n;
  }
  return text.replaceAll(GROUP, '$&-');
}

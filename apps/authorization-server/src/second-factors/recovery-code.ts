import { randomBytes } from 'node:crypto';

/** Number of codes that a user gets at a time. */
const RECOVERY_CODES = 10;

/** 80 bits, which cannot be guessed even with the keyed hashes and the key. */
const CODE_BYTES = 10;

/** Base32 (RFC 4648 section 6) in lower case, without digits that look like letters. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const BITS = 5;

/** Four groups, for printing and typing. */
const GROUP = /.{4}(?=.)/g;
const CODE = /^[a-z2-7]{16}$/;

export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => toText(randomBytes(CODE_BYTES)));
}

/** @returns the code in the form that is hashed; `null` for any other text. Hyphens, spaces and case are ignored */
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

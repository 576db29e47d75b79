/** The order of the curve P-256 (SEC 2, section 2.4.2). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF = ORDER / 2n;
const PART_LENGTH = 32;

/**
 * ES256 signatures come in pairs: from (r, s) anyone can compute (r, n - s), which verifies too (RFC 7518 section 3.4
 * allows both). A token must have only one text, so only the smaller `s` is issued and accepted.
 *
 * @param signature r and s side by side
 */
export function hasLowS(signature: Uint8Array): boolean {
  return sOf(signature) <= HALF;
}

/** @returns the signature of the pair that has the smaller `s` */
export function withLowS(signature: Buffer): Buffer {
  const s = sOf(signature);
  if (s <= HALF) return signature;
  const low = (ORDER - s).toString(16).padStart(2 * PART_LENGTH, '0');
  return Buffer.concat([signature.subarray(0, PART_LENGTH), Buffer.from(low, 'hex')]);
}

function sOf(signature: Uint8Array): bigint {
  return BigInt(`0x0${Buffer.from(signature.subarray(PART_LENGTH)).toString('hex')}`);
}

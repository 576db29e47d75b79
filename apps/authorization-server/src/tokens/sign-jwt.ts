import { sign, type KeyObject } from 'node:crypto';
import { withLowS } from '@latchkey/contracts';

/** The first part of a JWT (RFC 7515 section 4), the same for all that one key signs. */
export function encodeHeader(header: object): string {
  return encode(header);
}

/**
 * Signs with ES256, whose signature is r and s side by side (RFC 7518 section 3.4), of the two with the smaller s, or with
 * RS256 (section 3.3), by the kind of the key.
 *
 * @param header of {@link encodeHeader}
 * @returns the compact serialisation (RFC 7515 section 7.1)
 */
export function signJwt(header: string, claims: object, privateKey: KeyObject): string {
  const input = `${header}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const only = privateKey.asymmetricKeyType === 'ec' ? withLowS(signature) : signature;
  return `${input}.${only.toString('base64url')}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

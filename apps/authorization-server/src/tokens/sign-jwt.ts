import { sign, type KeyObject } from 'node:crypto';
import { withLowS } from '@latchkey/contracts';

/** The first part of a JWT (RFC 7515 section 4), which is the same for all JWTs of one key. */
export function encodeHeader(header: object): string {
  return encode(header);
}

/**
 * Signs with ES256 or RS256 (RFC 7518 sections 3.4 and 3.3), by the type of the key. An ES256 signature is r and s side
 * by side, with the smaller of the two possible values of s.
 *
 * @param header from {@link encodeHeader}
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

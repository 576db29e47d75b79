import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { decodeBase64url } from '@latchkey/contracts';

const PREFIX = 'lkd_';
const EXPIRY_BYTES = 4;
/** In the year 2106. A clock beyond it must not make logins fail. */
const LATEST_EXPIRY = 0xffff_ffff;
const NONCE_BYTES = 12;
const MAC_BYTES = 16;
const BODY_BYTES = EXPIRY_BYTES + NONCE_BYTES;

/**
 * The value that a login returns so that the same device keeps its own budget, whatever other sources do to the account
 * (OWASP's device cookies). It proves an earlier login to this account and grants nothing else. Nothing is stored until
 * an attempt uses it.
 *
 * `lkd_` base64url(expiry, nonce, MAC over both and the account)
 */
export function createDeviceValue(account: Buffer, key: Buffer, expiresAt: number): string {
  const body = Buffer.alloc(BODY_BYTES);
  body.writeUInt32BE(Math.min(Math.floor(expiresAt / 1000), LATEST_EXPIRY));
  randomBytes(NONCE_BYTES).copy(body, EXPIRY_BYTES);
  return PREFIX + Buffer.concat([body, macOf(body, account, key)]).toString('base64url');
}

/**
 * Accepts exactly one text per value: several texts would have several budgets.
 *
 * @param now milliseconds since the epoch
 * @returns whether the value comes from a login to this account and has not expired
 */
export function deviceValueIsGenuine(value: string, account: Buffer, key: Buffer, now: number): boolean {
  const bytes = value.startsWith(PREFIX) ? decodeBase64url(value.slice(PREFIX.length)) : null;
  if (bytes?.length !== BODY_BYTES + MAC_BYTES) return false;
  const body = bytes.subarray(0, BODY_BYTES);
  const genuine = timingSafeEqual(bytes.subarray(BODY_BYTES), macOf(body, account, key));
  return genuine && body.readUInt32BE() * 1000 > now;
}

function macOf(body: Buffer, account: Buffer, key: Buffer): Buffer {
  return createHmac('sha256', key)
    .update('latchkey device')
    .update(account)
    .update(body)
    .digest()
    .subarray(0, MAC_BYTES);
}

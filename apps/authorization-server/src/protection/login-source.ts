import { parseAddress } from '@latchkey/platform';
import ipaddr from 'ipaddr.js';

/** Where a login attempt comes from, as far as anybody knows. */
export interface LoginSource {
  /** The end user's address, said by a client that may say so; `null` when nobody knows it. */
  readonly address: string | null;
  /** What an earlier login on the same device returned; `null` without. */
  readonly device: string | null;
}

/**
 * The part of an address that stands for one network connection: an IPv4 address, or the first 64 bits of an IPv6
 * address, because whoever has one of these has all 2^64 below it.
 *
 * @returns `null` for anything that is no address
 */
export function networkOf(address: string): string | null {
  const normalised = parseAddress(address);
  if (normalised === null) return null;
  const parsed = ipaddr.parse(normalised);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const prefix = parsed.toByteArray().slice(0, 8);
  return `${Buffer.from(prefix).toString('hex')}/64`;
}

import type { IncomingHttpHeaders } from 'node:http';
import { isIP, isIPv4, isIPv6, type Socket } from 'node:net';
import ipaddr from 'ipaddr.js';

type Range = [address: ipaddr.IPv4 | ipaddr.IPv6, bits: number];

/** Whether a hop, by its normalised address, is trusted to report the address of the previous hop. */
export type Trust = (address: string) => boolean;

/** Replaces the address of a connection that broke before it could be read. */
const UNKNOWN = 'unknown';

/** More than an IPv6 address with brackets, a zone and a port needs. */
const MAX_LENGTH = 100;

const WITH_PORT = /^(?:([\d.]+)|\[([^\]]*)\])(?::\d{1,5})?$/;

const LOOPBACK: readonly Range[] = [
  [ipaddr.parse('127.0.0.0'), 8],
  [ipaddr.parse('::1'), 128],
];

/**
 * Parses an address of a request or a socket. Port, brackets and zone are dropped, an IPv6 address is written in its
 * shortest form, and an IPv4 address inside an IPv6 address as IPv4.
 *
 * @returns `null` for anything that is no address
 */
export function parseAddress(text: string): string | null {
  if (isIPv4(text)) return text;
  if (text.length > MAX_LENGTH) return null;
  const [, ipv4, bracketed] = WITH_PORT.exec(text) ?? [];
  if (ipv4 !== undefined) return isIPv4(ipv4) ? ipv4 : null;
  const ipv6 = bracketed ?? text;
  return isIPv6(ipv6) ? ipaddr.process(ipv6.replace(/%.*/, '')).toString() : null;
}

/**
 * The part of an address that identifies one network connection: an IPv4 address, or the first 64 bits of an IPv6
 * address, because their owner can use all 2^64 addresses below them.
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

/** Whether `text` is an address, a range such as `10.0.0.0/8`, or `loopback`. */
export function isAddressRange(text: string): boolean {
  return parseRange(text) !== null;
}

/** @param hops in the form that {@link isAddressRange} accepts */
export function trustIn(hops: readonly string[]): Trust {
  const ranges = hops.flatMap((hop) => parseRange(hop) ?? []);
  return (text) => {
    if (isIP(text) === 0) return false;
    const address = ipaddr.parse(text);
    return ranges.some(([range, bits]) => address.kind() === range.kind() && address.match(range, bits));
  };
}

/**
 * The sender of a request: the peer of the connection; if the peer is a trusted proxy, the address that it reports in
 * `X-Forwarded-For`, and so on. If a reported text is no address, the hop that reported it counts as the sender.
 *
 * @param trust `null` when no hop is trusted
 */
export function remoteAddressOf(
  { socket, headers }: { socket: Pick<Socket, 'remoteAddress'>; headers: IncomingHttpHeaders },
  trust: Trust | null,
): string {
  let address = parseAddress(socket.remoteAddress ?? '') ?? UNKNOWN;
  if (trust === null) return address;
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  for (const item of forwarded.reverse()) {
    const text = item.trim();
    // RFC 9110 section 5.6.1: a list may have empty elements.
    if (text === '') continue;
    const next = trust(address) ? parseAddress(text) : null;
    if (next === null) break;
    address = next;
  }
  return address;
}

function parseRange(text: string): readonly Range[] | null {
  if (text === 'loopback') return LOOPBACK;
  const [address = '', bits, ...rest] = text.split('/');
  if (isIP(address) === 0 || address.includes('%') || rest.length > 0) return null;
  const parsed = ipaddr.parse(address);
  const width = parsed.kind() === 'ipv4' ? 32 : 128;
  const length = bits === undefined ? width : /^\d{1,3}$/.test(bits) ? Number(bits) : NaN;
  if (!(length <= width)) return null;
  const isMapped = parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() && length >= 96;
  return [isMapped ? [parsed.toIPv4Address(), length - 96] : [parsed, length]];
}

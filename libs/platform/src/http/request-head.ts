import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import { BadRequestException } from '@nestjs/common';

type Head = Pick<IncomingMessage, 'headers' | 'httpVersionMinor' | 'rawHeaders'>;

/** RFC 3986 section 3.2.2 and a port; what is between brackets is looked at closer. */
const HOST = /^(?:\[([\da-f:.]+)\]|(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})+)(?::\d*)?$/i;

/** Public: holds nothing of the request. */
export class BadHostError extends BadRequestException {
  constructor() {
    super('The request must have one Host header, of the form host or host:port');
  }
}

/** @throws BadHostError when the `Host` is missing, repeated or malformed (RFC 9112 section 3.2) */
export function assertHost(head: Head): void {
  const { host } = head.headers;
  if (host === undefined && head.httpVersionMinor === 0) return;
  const [matched, ipv6] = HOST.exec(host ?? '') ?? [];
  const isSound = matched !== undefined && (ipv6 === undefined || isIPv6(ipv6));
  if (!isSound || countHeaderLines(head, 'host') > 1) throw new BadHostError();
}

/**
 * How many lines of a header were sent. Node.js keeps the first of several for some, and drops the rest; whatever stands
 * before us may have looked at another one.
 *
 * @param name in lower case
 */
export function countHeaderLines({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>, name: string): number {
  let lines = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const other = rawHeaders[index];
    if (other?.length === name.length && other.toLowerCase() === name) lines++;
  }
  return lines;
}

/** Whether a body follows (RFC 9112 section 6.3). */
export function announcesBody({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  return encoding !== undefined || Number(length) > 0;
}

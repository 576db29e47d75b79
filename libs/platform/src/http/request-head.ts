import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import { BadRequestException } from '@nestjs/common';

type Head = Pick<IncomingMessage, 'headers' | 'httpVersionMinor' | 'rawHeaders'>;

/** RFC 3986 section 3.2.2 with a port. The content of brackets is checked further. */
const HOST = /^(?:\[([\da-f:.]+)\]|(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})+)(?::\d*)?$/i;

/** Public; contains nothing of the request. */
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
 * Number of lines of a header. For some headers Node.js keeps the first line and drops the others; a proxy before us
 * may have used another one.
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

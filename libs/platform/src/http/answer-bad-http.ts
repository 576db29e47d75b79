import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionError } from 'fastify';

interface Refusal {
  readonly status: string;
  readonly description: string;
}

const BAD_REQUEST: Refusal = { status: '400 Bad Request', description: 'The request is not valid HTTP/1.1' };

/** RFC 9110 section 15.6.2. */
const NOT_IMPLEMENTED: Refusal = {
  status: '501 Not Implemented',
  description: 'The method of the request is not known',
};

/** The first line of a request (RFC 9112 section 3), whatever its method is. */
const REQUEST_LINE = /^[\w!#$%&'*+.^`|~-]+ \S+ HTTP\/1\.[01]\r\n/;

const REFUSALS: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: '408 Request Timeout',
    description: 'The request did not arrive in time',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: '413 Content Too Large', description: 'The body is too large' },
  HPE_HEADER_OVERFLOW: {
    status: '431 Request Header Fields Too Large',
    description: 'The header of the request is too large',
  },
};

/**
 * Answers bytes that are not HTTP, too large or too slow to become a request, in the usual form of errors, and closes
 * the connection. None of the bytes are repeated or logged, because anyone can open a connection and could fill the
 * disk.
 */
export function answerBadHttp({ code = '', rawPacket }: ConnectionError, socket: Socket): void {
  const { _httpMessage: answer } = socket as { _httpMessage?: ServerResponse | null };
  const isAnswering = answer?.headersSent === true;
  if (code === 'ECONNRESET' || !socket.writable || isAnswering) {
    socket.destroy();
    return;
  }
  // Fastify declares the type that it would have in JSON.
  const bytes = rawPacket as unknown as Buffer | undefined;
  const isRequest = code === 'HPE_INVALID_METHOD' && REQUEST_LINE.test(bytes?.toString('latin1') ?? '');
  refuse(socket, isRequest ? NOT_IMPLEMENTED : (REFUSALS[code] ?? BAD_REQUEST));
}

/** Answers CONNECT. Without this, Node.js would close the connection without a response. */
export function refuseTunnel(_request: IncomingMessage, socket: Duplex): void {
  refuse(socket, NOT_IMPLEMENTED);
}

function refuse(socket: Duplex, { status, description }: Refusal): void {
  const body = JSON.stringify({ error: 'invalid_request', error_description: description });
  const head = [
    `HTTP/1.1 ${status}`,
    'Connection: close',
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

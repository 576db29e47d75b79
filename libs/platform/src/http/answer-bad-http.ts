import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Refusal {
  readonly status: string;
  readonly description: string;
}

const BAD_REQUEST: Refusal = { status: '400 Bad Request', description: 'The request is not valid HTTP/1.1' };

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
 * Answers what is not HTTP, too large or too slow to become a request, in the form of all other errors, and closes the
 * connection. Nothing of it is repeated or logged: a connection that anybody can open must not fill a disk.
 */
export function answerBadHttp(error: NodeJS.ErrnoException, socket: Socket): void {
  const { _httpMessage: answer } = socket as { _httpMessage?: ServerResponse | null };
  const isAnswering = answer?.headersSent === true;
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering) {
    socket.destroy();
    return;
  }
  const { status, description } = REFUSALS[error.code ?? ''] ?? BAD_REQUEST;
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

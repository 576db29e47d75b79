// One kept-alive HTTP/1.1 connection that sends ready-made requests and reads answers with a Content-Length. A client
// library costs more processor time for a request than some of the servers that are measured here.
import { connect } from 'node:net';

const HEADER_END = Buffer.from('\r\n\r\n');

export class HttpConnection {
  #socket;
  #received = null;
  #pending = null;

  constructor(url) {
    const { hostname, port } = new URL(url);
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.#socket.on('data', (chunk) => this.#receive(chunk));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  /** False once the server has closed it, as servers do with what was idle for a while. */
  get isOpen() {
    return !this.#socket.destroyed && !this.#socket.readableEnded;
  }

  /** Sends one request; resolves with `{ status, headers, body }`, the headers as one text. One at a time. */
  send(request) {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) return reject(new Error('the connection is closed'));
      this.#pending = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close() {
    this.#pending = null;
    this.#socket.destroy();
  }

  #receive(chunk) {
    const bytes = this.#received === null ? chunk : Buffer.concat([this.#received, chunk]);
    const headerEnd = bytes.indexOf(HEADER_END);
    const headers = headerEnd === -1 ? null : bytes.latin1Slice(0, headerEnd);
    const length = headers === null ? 0 : contentLength(headers);
    const end = headerEnd + HEADER_END.length + length;
    if (headers === null || bytes.length < end) {
      this.#received = bytes;
      return;
    }
    this.#received = null;
    const pending = this.#pending;
    this.#pending = null;
    if (pending === null || bytes.length > end) {
      this.#socket.destroy(new Error('the server sent more than was asked for'));
      return;
    }
    pending.resolve({
      status: Number(headers.slice(9, 12)),
      headers,
      body: bytes.utf8Slice(end - length, end),
    });
  }

  #fail(error) {
    this.#pending?.reject(error);
    this.#pending = null;
  }
}

function contentLength(headers) {
  const length = /\r\ncontent-length: *(\d+)/i.exec(headers)?.[1];
  if (length === undefined) throw new Error(`an answer without Content-Length:\n${headers}`);
  return Number(length);
}

/** A form post as the bytes of a request. */
export function formPost(path, headers, body) {
  const fields = Object.entries({
    host: '127.0.0.1',
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': Buffer.byteLength(body),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${fields.join('')}\r\n${body}`);
}

export function get(path, headers = {}) {
  const fields = Object.entries({ host: '127.0.0.1', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.from(`GET ${path} HTTP/1.1\r\n${fields.join('')}\r\n`);
}

export function basic({ id, secret }) {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

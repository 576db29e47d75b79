import { request } from 'node:http';
import type { MatrixRequest } from './requests.js';

/** What a client sees of an answer. */
export interface MatrixAnswer {
  readonly status: number;
  readonly challenge: string | undefined;
  readonly cacheControl: string | undefined;
  readonly body: unknown;
}

/** Sends a request exactly as it is written, which `fetch` does not. */
export function play(url: string, { method, path, headers, body }: MatrixRequest): Promise<MatrixAnswer> {
  const { hostname, port, host } = new URL(url);
  const sent = headers.includes('host') ? headers : ['host', host, ...headers];
  const framed = [...sent, ...(method === 'POST' ? ['content-length', String(body?.length ?? 0)] : [])];
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers: framed, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          challenge: response.headers['www-authenticate'],
          cacheControl: response.headers['cache-control'],
          body: parse(text),
        }),
      );
    });
    outgoing.on('error', reject).end(body);
  });
}

/** The request with what matters of the answer. */
export function observed(asked: MatrixRequest, { status, body }: MatrixAnswer): object {
  const { by, error } = (body ?? {}) as { by?: string; error?: string };
  return { ...asked, status, ...(asked.says !== undefined && { says: by ?? error }) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

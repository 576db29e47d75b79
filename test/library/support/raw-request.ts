import { request } from 'node:http';
import type { ProtectedApplication } from './protected-application.js';

/** Sends a path exactly as it is written, which `fetch` does not. */
export function raw(
  application: ProtectedApplication,
  method: string,
  path: string,
  token?: string,
): Promise<number> {
  const { hostname, port } = new URL(application.url);
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise<number>((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    outgoing.on('error', reject).end();
  });
}

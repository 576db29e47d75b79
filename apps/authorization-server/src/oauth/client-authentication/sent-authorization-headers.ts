import type { FastifyRequest } from 'fastify';

const AUTHORIZATION = 'authorization';

/**
 * How many `Authorization` headers were sent. Node.js keeps the first of several and drops the rest; whatever stands
 * before us may have looked at another one.
 */
export function sentAuthorizationHeaders({ raw: { rawHeaders } }: FastifyRequest): number {
  let sent = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === AUTHORIZATION.length && name.toLowerCase() === AUTHORIZATION) sent++;
  }
  return sent;
}

import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Client } from '../../clients/client.js';
import type { ClientRequest } from './client-authentication.guard.js';

/** Injects the authenticated client. */
export const CurrentClient = createParamDecorator((_: unknown, context: ExecutionContext): Client => {
  const { client } = context.switchToHttp().getRequest<ClientRequest>();
  if (client === undefined) throw new Error('@CurrentClient() needs the ClientAuthenticationGuard');
  return client;
});

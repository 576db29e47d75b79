import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ScopeSet } from '@latchkey/contracts';
import { accessTokenOf, BearerError } from '@latchkey/resource-server';
import type { FastifyRequest } from 'fastify';
import type { AuditContext } from '../audit/audit-event.js';
import { isReservedScope } from '../scopes/reserved-scope.js';

/** Who administers: a client, with the administrative scopes of its token. */
export interface Administrator {
  readonly scope: ScopeSet;
  readonly context: AuditContext;
}

/** Injects the {@link Administrator} that the guard has admitted. */
export const CurrentAdministrator = createParamDecorator(
  (_: unknown, context: ExecutionContext): Administrator => {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const token = accessTokenOf(request);
    const clientId = token?.clientId ?? null;
    if (token === null || clientId === null) throw BearerError.missingToken();
    return toAdministrator(clientId, token.scopes, request);
  },
);

function toAdministrator(
  clientId: string,
  scopes: ScopeSet,
  { id, remoteAddress }: FastifyRequest,
): Administrator {
  return { scope: scopes, context: { actor: clientId, address: remoteAddress, requestId: id } };
}

/** Whether a token with `scope` may do what requires `name`. A scope to change includes the scope to read. */
export function hasScope(scope: ScopeSet, name: string): boolean {
  return scope.has(name) || (name.endsWith(':read') && scope.has(name.slice(0, -':read'.length)));
}

/**
 * An administrator can neither give nor take power that is not its own: to create, change, disable or delete a client,
 * or to change its secrets, it must hold every administrative scope that the client has before or after.
 *
 * @param scopes what the client may ask for, before and after
 * @throws BearerError insufficient_scope, naming what is missing
 */
export function assertHoldsPowerOf({ scope: held }: Administrator, ...scopes: readonly ScopeSet[]): void {
  const power = scopes.flatMap((scope) => [...scope].filter(isReservedScope));
  const missing = power.filter((name) => !hasScope(held, name));
  if (missing.length > 0) throw BearerError.insufficientScope(ScopeSet.of(missing));
}

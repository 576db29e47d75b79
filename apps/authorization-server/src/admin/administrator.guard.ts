import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ScopeSet } from '@latchkey/contracts';
import { accessTokenOf, BearerError } from '@latchkey/resource-server';
import type { FastifyRequest } from 'fastify';
import type { AdministrativeArea } from '../scopes/reserved-scope.js';
import { hasScope } from './administrator.js';

/** The metadata of a controller that names its area. */
export const ADMINISTRATIVE_AREA = Symbol('AdministrativeArea');

/**
 * Admits clients that act on their own behalf with the administrative scope of the area. The guard library has checked
 * before that the token is ours and meant for this server.
 */
@Injectable()
export class AdministratorGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const area = this.reflector.get<AdministrativeArea | undefined>(ADMINISTRATIVE_AREA, context.getClass());
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const token = accessTokenOf(request);
    if (area === undefined || token === null) return false;
    const required = scopeFor(area, request.method);
    // No grant puts such a scope into a resource owner's token. If one ever did, the token would still open nothing.
    if (token.isOwnerToken || !hasScope(token.scopes, required)) {
      throw BearerError.insufficientScope(ScopeSet.of([required]));
    }
    return true;
  }
}

/** The scope that a request needs: the one to read, or the one to change. */
export function scopeFor(area: AdministrativeArea, method: string): string {
  return method === 'GET' || method === 'HEAD' ? `admin:${area}:read` : `admin:${area}`;
}

import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ScopeSet } from '@latchkey/contracts';
import { accessTokenOf, BearerError } from '@latchkey/resource-server';
import type { FastifyRequest } from 'fastify';
import type { AdministrativeArea } from '../../scopes/reserved-scope.js';
import { holds } from './administrator.js';

export const ADMINISTRATIVE_AREA = Symbol('AdministrativeArea');

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * Lets clients through that act on their own behalf with the administrative scope of the area. The token was checked
 * before: it is one of ours, and for this server.
 */
@Injectable()
export class AdministratorGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const area = this.reflector.get<AdministrativeArea | undefined>(ADMINISTRATIVE_AREA, context.getClass());
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const token = accessTokenOf(request);
    if (area === undefined || token === null) return false;
    const required = READING.has(request.method) ? `admin:${area}:read` : `admin:${area}`;
    // No grant gives a resource owner's token such a scope; should one ever do, it opens nothing.
    if (token.isOwnerToken || !holds(token.scopes, required)) {
      throw BearerError.insufficientScope(ScopeSet.of([required]));
    }
    return true;
  }
}

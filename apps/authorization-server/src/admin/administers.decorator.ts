import {
  applyDecorators,
  Controller,
  Injectable,
  SetMetadata,
  UseFilters,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ScopeSet } from '@latchkey/contracts';
import { DescribeAll, type ApiPart, type Endpoint } from '@latchkey/platform/openapi';
import { accessTokenOf, BearerError } from '@latchkey/resource-server';
import type { FastifyRequest } from 'fastify';
import type { AdministrativeArea } from '../scopes/reserved-scope.js';
import { hasScope } from './administrator.js';
import { ProblemFilter } from './problem.filter.js';
import { PROBLEM } from './problem.js';

const ADMINISTRATIVE_AREA = Symbol('AdministrativeArea');

/**
 * A controller of the administration API.
 *
 * @param area the scope that it asks for: `admin:AREA`, or `admin:AREA:read` to read
 * @param path below `/admin`
 */
export function Administers(area: AdministrativeArea, path: string): ClassDecorator {
  return applyDecorators(
    Controller(`admin/${path}`),
    SetMetadata(ADMINISTRATIVE_AREA, area),
    UseGuards(AdministratorGuard),
    // Before the filter of the guard library, which is global.
    UseFilters(ProblemFilter),
    DescribeAll(partOf(area)),
  );
}

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

function scopeFor(area: AdministrativeArea, method: string): string {
  return method === 'GET' || method === 'HEAD' ? `admin:${area}:read` : `admin:${area}`;
}

function partOf(area: AdministrativeArea): ApiPart {
  return {
    tag: `${area.charAt(0).toUpperCase()}${area.slice(1)}`,
    security: (method) => [{ bearer: [scopeFor(area, method)] }],
    refusals: refusalsOf,
    refusal: PROBLEM,
    refusalType: 'application/problem+json',
    isStrict: true,
  };
}

function refusalsOf({ method, path, inputs }: Endpoint): ReturnType<ApiPart['refusals']> {
  return {
    400: 'Members or parameters are wrong, or the body is malformed; `errors` names them',
    401: 'The token is missing, unknown, expired or for another server',
    403: 'The token lacks the scope that the request needs',
    ...(path.includes(':') && { 404: 'There is no such thing' }),
    ...(inputs.condition && { 412: 'It was changed meanwhile' }),
    ...(method !== 'GET' && { 413: 'The body is too large', 415: 'The body is not JSON' }),
    ...(inputs.condition && { 428: 'If-Match is missing' }),
    503: 'The server is busy, or its database does not answer',
  };
}

import { applyDecorators, Controller, SetMetadata, UseFilters, UseGuards } from '@nestjs/common';
import { DescribeAll, type ApiPart, type Endpoint } from '@latchkey/platform/openapi';
import type { AdministrativeArea } from '../scopes/reserved-scope.js';
import { ADMINISTRATIVE_AREA, AdministratorGuard, scopeFor } from './administrator.guard.js';
import { ProblemFilter } from './problem.filter.js';
import { PROBLEM } from './problem.js';

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

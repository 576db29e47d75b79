import { applyDecorators, Controller, SetMetadata, UseFilters, UseGuards } from '@nestjs/common';
import type { AdministrativeArea } from '../../scopes/reserved-scope.js';
import { ProblemFilter } from './problem.filter.js';
import { ADMINISTRATIVE_AREA, AdministratorGuard } from './administrator.guard.js';

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
  );
}

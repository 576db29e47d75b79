import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayUnique, IsArray, IsIn, IsObject, ValidateNested } from 'class-validator';
import { IsText } from '@latchkey/platform/http';
import { ACCESS_LEVELS, type Access, type Permission } from '../resource.js';

const MAX_PERMISSIONS = 100;

class PermissionRequest {
  @IsText({ min: 1, max: 255 })
  sub!: string;

  @IsIn(ACCESS_LEVELS, { message: `must be ${ACCESS_LEVELS.join(' or ')}` })
  access!: Access;
}

/** Body of `PUT /resources/:id/permissions`, and of its response. */
export class PermissionsRequest {
  @ValidateNested({ each: true })
  @ArrayUnique(subOf, { message: 'must name each sub once' })
  // Without it, a nested array would pass as an object without rules.
  @IsObject({ each: true, message: 'must hold objects' })
  @ArrayMaxSize(MAX_PERMISSIONS, { message: `must hold at most ${MAX_PERMISSIONS} entries` })
  @IsArray({ message: 'must be an array' })
  @Type(() => PermissionRequest)
  permissions!: PermissionRequest[];
}

/** Also called with entries that the other rules refuse. */
function subOf(entry: Partial<PermissionRequest> | null): unknown {
  return entry?.sub;
}

export function toPermissions({ permissions }: PermissionsRequest): Permission[] {
  return permissions.map(({ sub, access }) => ({ subject: sub, access }));
}

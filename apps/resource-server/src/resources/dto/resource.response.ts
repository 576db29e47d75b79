import { named, objectSchema, TEXT, TIMESTAMP, type TypeOf } from '@latchkey/platform/openapi';
import type { Resource } from '../resource.entity.js';

export const RESOURCE = named(
  'Resource',
  // `owner` is the `sub` of the resource owner.
  objectSchema({
    id: TEXT,
    name: TEXT,
    content: TEXT,
    owner: TEXT,
    created_at: TIMESTAMP,
    updated_at: TIMESTAMP,
  }),
);

export type ResourceResponse = TypeOf<typeof RESOURCE>;

export function toResourceResponse(resource: Resource): ResourceResponse {
  return {
    id: resource.id,
    name: resource.name,
    content: resource.content,
    owner: resource.owner,
    created_at: new Date(resource.createdAt).toISOString(),
    updated_at: new Date(resource.updatedAt).toISOString(),
  };
}

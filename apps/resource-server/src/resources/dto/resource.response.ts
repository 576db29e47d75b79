import type { Page, Resource } from '../resource.js';
import { encodeCursor } from './cursor.js';

export interface ResourceResponse {
  id: string;
  name: string;
  content: string;
  /** The `sub` of the resource owner. */
  owner: string;
  /** RFC 3339, as `updated_at`. */
  created_at: string;
  updated_at: string;
}

export interface ResourceListResponse {
  data: ResourceResponse[];
  /** To be sent back as `cursor`; `null` on the last page. */
  next_cursor: string | null;
}

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

export function toResourceListResponse({ items, next }: Page<Resource>): ResourceListResponse {
  return { data: items.map(toResourceResponse), next_cursor: next === null ? null : encodeCursor(next) };
}

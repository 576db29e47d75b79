import type { Resource } from '../resource.js';

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

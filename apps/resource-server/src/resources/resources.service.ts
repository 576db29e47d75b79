import { Injectable } from '@nestjs/common';
import { toPage, type Page } from '@latchkey/platform/http';
import { ApiError } from '../http/api-error.js';
import { ResourceRepository } from './resource-repository.js';
import type { Resource } from './resource.entity.js';
import type { Permission, ResourceContent } from './resource.js';

/** Contents of one page, in UTF-8: several of the largest. Reading and writing many more would block the event loop. */
const MAX_PAGE_BYTES = 400_000;

/** The operations of resource owners on their own and shared resources. A subject is the `sub` of the token. */
@Injectable()
export class ResourcesService {
  constructor(private readonly resources: ResourceRepository) {}

  create(owner: string, content: ResourceContent): Promise<Resource> {
    return this.resources.insert(owner, content);
  }

  /** @throws ApiError not_found, also when it exists and is not shared with the subject */
  async get(id: string, subject: string): Promise<Resource> {
    const resource = await this.resources.findReadable(id, subject);
    if (resource === null) throw ApiError.resourceNotFound();
    return resource;
  }

  /** Own and shared resources, newest first; fewer than `limit` if they are large. */
  async list(subject: string, limit: number, after: string | null): Promise<Page<Resource>> {
    const found = await this.resources.listReadable(subject, limit + 1, MAX_PAGE_BYTES, after);
    const bytes = found.reduce((total, { content }) => total + Buffer.byteLength(content), 0);
    // The last one is then too much, and shows that the list continues.
    return toPage(found, bytes > MAX_PAGE_BYTES ? found.length - 1 : limit);
  }

  /** @throws ApiError not_found; access_denied when the subject may only read it */
  async replace(id: string, subject: string, content: ResourceContent): Promise<Resource> {
    return (await this.resources.replaceWritable(id, subject, content)) ?? (await this.#refuse(id, subject));
  }

  /** @throws ApiError not_found; access_denied for a user that the resource is shared with */
  async delete(id: string, subject: string): Promise<void> {
    if (!(await this.resources.deleteOwned(id, subject))) await this.#refuse(id, subject);
  }

  /**
   * Replaces the list of users that a resource is shared with.
   *
   * @throws ApiError not_found; access_denied for a user that it is shared with; invalid_request when the list names
   *   the owner, whose access no permission changes
   */
  async share(id: string, subject: string, permissions: readonly Permission[]): Promise<void> {
    if (permissions.some((permission) => permission.subject === subject)) {
      throw ApiError.invalidRequest('permissions must not name the owner');
    }
    if (!(await this.resources.replacePermissions(id, subject, permissions))) await this.#refuse(id, subject);
  }

  /** A subject that may not read the resource does not learn that it exists. */
  async #refuse(id: string, subject: string): Promise<never> {
    await this.get(id, subject);
    throw ApiError.accessDenied('The resource is shared with you, and this is not allowed to you');
  }
}

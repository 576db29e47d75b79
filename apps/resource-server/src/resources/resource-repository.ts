import type { Permission, Resource, ResourceContent } from './resource.js';

/**
 * Stores resources and who may use them. Every method takes the `sub` that asks and decides in the same statement that
 * reads or writes, so that no caller can forget to ask and nothing changes between question and deed.
 */
export abstract class ResourceRepository {
  abstract insert(owner: string, content: ResourceContent): Promise<Resource>;

  /** The resource, when it is the subject's own or shared with it; otherwise `null`. */
  abstract findReadable(id: string, subject: string): Promise<Resource | null>;

  /**
   * Own and shared resources, newest first.
   *
   * @param before only resources older than this id; `null` starts with the newest
   */
  abstract listReadable(subject: string, limit: number, before: string | null): Promise<Resource[]>;

  /** @returns `null` when the subject may not write it, or when it does not exist */
  abstract replaceWritable(id: string, subject: string, content: ResourceContent): Promise<Resource | null>;

  /** @returns whether the owner had it */
  abstract deleteOwned(id: string, owner: string): Promise<boolean>;

  /** @returns whether the owner had it; otherwise nothing is stored */
  abstract replacePermissions(
    id: string,
    owner: string,
    permissions: readonly Permission[],
  ): Promise<boolean>;
}

import type { ExecutionContext } from '@nestjs/common';

/**
 * Finds the owner of the resource that a request addresses, usually in the application's database. Name the class in
 * `@RequireOwner(OrderOwner)` and provide it as a singleton in any module.
 */
export abstract class ResourceOwnerResolver {
  /**
   * @param parameters the decoded values of the route's path parameters
   * @param context for data that is not in the path
   * @returns the owner, to be compared with the token's `subject`; `null` when there is no such resource, which refuses
   * @throws anything: an `HttpException` becomes the response, everything else is logged and answered with 503
   */
  abstract resolveOwner(
    parameters: Readonly<Record<string, string>>,
    context: ExecutionContext,
  ): Promise<string | null>;
}

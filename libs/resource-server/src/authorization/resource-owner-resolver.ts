import type { ExecutionContext } from '@nestjs/common';

/**
 * Says whose the resource is that a request addresses, usually from the application's database. Name the class in
 * `@RequireOwner(OrderOwner)` and provide it in any module; it must be a singleton.
 */
export abstract class ResourceOwnerResolver {
  /**
   * @param parameters what the placeholders of the route's path stand for, decoded
   * @param context for what the path does not say
   * @returns what the token's `subject` is compared with; `null` when there is no such resource, which refuses
   * @throws anything: an `HttpException` is the answer then, everything else is logged and answered with 503
   */
  abstract resolveOwner(
    parameters: Readonly<Record<string, string>>,
    context: ExecutionContext,
  ): Promise<string | null>;
}

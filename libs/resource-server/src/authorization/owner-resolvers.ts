import { HttpException, Injectable, Logger, type ExecutionContext, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { AccessToken } from '../claims/access-token.js';
import { BearerError } from '../refusals/bearer-error.js';
import {
  assertOwner,
  assertOwnerToken,
  plainParameters,
  refuseOwner,
  type OwnerRequirement,
} from './require-owner.decorator.js';
import type { ResourceOwnerResolver } from './resource-owner-resolver.js';

/** Decides `@RequireOwner()`, with the resolvers that the application provides. */
@Injectable()
export class OwnerResolvers {
  readonly #logger = new Logger('ResourceServer');
  readonly #instances = new Map<Type<ResourceOwnerResolver>, ResourceOwnerResolver>();

  constructor(private readonly moduleRef: ModuleRef) {}

  /** @throws Error naming a resolver that no module provides as a singleton */
  resolve(requirements: readonly OwnerRequirement[]): void {
    for (const { owner } of requirements) {
      if (typeof owner !== 'string') this.#find(owner);
    }
  }

  /** @throws BearerError unless the token is the owner's */
  async assert(
    token: AccessToken,
    pathParameters: unknown,
    { owner, refusal }: OwnerRequirement,
    context: ExecutionContext,
  ): Promise<void> {
    if (typeof owner === 'string') {
      assertOwner(token, pathParameters, owner, refusal);
      return;
    }
    assertOwnerToken(token);
    const found: unknown = await this.#ask(this.#find(owner), plainParameters(pathParameters), context);
    if (typeof found !== 'string' || found === '') throw refuseOwner(refusal, 'a resource that has an owner');
    if (found !== token.subject) throw refuseOwner(refusal, 'the owner of the resource');
  }

  async #ask(
    resolver: ResourceOwnerResolver,
    parameters: Readonly<Record<string, string>>,
    context: ExecutionContext,
  ): Promise<unknown> {
    try {
      return await resolver.resolveOwner(parameters, context);
    } catch (error) {
      if (error instanceof HttpException) throw error;
      // Nobody could say whose the resource is: neither access nor a refusal that a client would believe.
      this.#logger.error(`${resolver.constructor.name} cannot say who the owner is: ${describe(error)}`);
      throw BearerError.temporarilyUnavailable(
        null,
        'the resolver threw',
        'The owner of the resource cannot be determined at the moment',
      );
    }
  }

  #find(type: Type<ResourceOwnerResolver>): ResourceOwnerResolver {
    const known = this.#instances.get(type);
    if (known !== undefined) return known;
    try {
      const instance = this.moduleRef.get(type, { strict: false });
      this.#instances.set(type, instance);
      return instance;
    } catch (cause) {
      throw new Error(`@RequireOwner(${type.name}): no module provides it as a singleton`, { cause });
    }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : typeof error;
}

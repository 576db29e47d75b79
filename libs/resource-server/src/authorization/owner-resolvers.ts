import { Injectable, type ExecutionContext } from '@nestjs/common';
import type { AccessToken } from '../claims/access-token.js';
import { ProvidedClasses } from './provided-classes.js';
import {
  assertOwner,
  assertOwnerToken,
  plainParameters,
  refuseOwner,
  type OwnerRequirement,
} from './require-owner.decorator.js';

const DECORATOR = '@RequireOwner';

/** Checks `@RequireOwner()` with the resolvers that the application provides. */
@Injectable()
export class OwnerResolvers {
  constructor(private readonly classes: ProvidedClasses) {}

  /** @throws Error naming a resolver that no module provides as a singleton */
  resolve(requirements: readonly OwnerRequirement[]): void {
    for (const { owner } of requirements) {
      if (typeof owner !== 'string') this.classes.find(owner, DECORATOR);
    }
  }

  /** @throws BearerError unless the token belongs to the owner */
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
    const resolver = this.classes.find(owner, DECORATOR);
    const found: unknown = await this.classes.ask(
      owner,
      'who the owner is',
      'The owner of the resource cannot be determined at the moment',
      () => resolver.resolveOwner(plainParameters(pathParameters), context),
    );
    if (typeof found !== 'string' || found === '') throw refuseOwner(refusal, 'a resource that has an owner');
    if (found !== token.subject) throw refuseOwner(refusal, 'the owner of the resource');
  }
}

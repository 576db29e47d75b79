import { Injectable, type ExecutionContext, type Type } from '@nestjs/common';
import type { AccessToken } from '../claims/access-token.js';
import { BearerError } from '../refusals/bearer-error.js';
import { Refusal } from '../refusals/refusal.js';
import { ProvidedClasses } from './provided-classes.js';
import type { TokenPolicy } from './require-policy.decorator.js';

const DECORATOR = '@RequirePolicy';

/** Checks `@RequirePolicy()` with the classes that the application provides. */
@Injectable()
export class TokenPolicies {
  constructor(private readonly classes: ProvidedClasses) {}

  /** @throws Error naming a policy that no module provides as a singleton */
  resolve(policies: readonly Type<TokenPolicy>[]): void {
    for (const policy of policies) this.classes.find(policy, DECORATOR);
  }

  /** @throws BearerError access_denied unless the policy returns `true` */
  async assert(token: AccessToken, type: Type<TokenPolicy>, context: ExecutionContext): Promise<void> {
    const policy = this.classes.find(type, DECORATOR);
    const answer: unknown = await this.classes.ask(
      type,
      'whether the token may pass',
      'It cannot be determined at the moment whether this is allowed',
      () => policy.can(token, context),
    );
    if (answer === true) return;
    throw BearerError.accessDenied('This is not allowed', new Refusal('policy', { expected: type.name }));
  }
}

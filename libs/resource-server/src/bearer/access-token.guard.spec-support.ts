import { Sse, type ExecutionContext } from '@nestjs/common';
import type { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { OwnerResolvers } from '../authorization/owner-resolvers.js';
import { ProvidedClasses } from '../authorization/provided-classes.js';
import type { RoutePolicies } from '../authorization/route-policies.js';
import { RoutePolicy } from '../authorization/route-policy.js';
import { TokenPolicies } from '../authorization/token-policies.js';
import type { ResourceServerSettings } from '../options/resource-server-settings.js';
import type { Refusals } from '../refusals/refusals.js';
import { AccessTokenGuard } from './access-token.guard.js';
import { RequestAuthenticator } from './request-authenticator.js';
import type { TokenWatch } from './token-watch.js';
import { OptionalToken } from '../authorization/optional-token.decorator.js';
import { Public } from '../authorization/public.decorator.js';
import { Refusal } from '../refusals/refusal.js';
import { RequireAcr } from '../authorization/step-up.decorators.js';
import { RequireAnyScope } from '../authorization/require-any-scope.decorator.js';
import { RequireGroups } from '../authorization/require-groups.decorator.js';
import { RequireOwner, RequireOwnerToken } from '../authorization/require-owner.decorator.js';
import { RequirePolicy } from '../authorization/require-policy.decorator.js';
import { RequireScopes } from '../authorization/require-scopes.decorator.js';
import { TokenLookup, type Verdict } from '../introspection/token-lookup.js';

/** Of a guard that introspects. */
export const OPTIONS = {
  introspectionEndpoint: 'https://as.example/introspect',
  clientId: 'api',
  clientSecret: 'a-secret',
  issuer: 'https://as.example',
  audience: 'https://api.example',
};

/** What the application says of owners and policies, after something has happened meanwhile. */
export class Application {
  static meanwhile = (): void => undefined;
  static owner: unknown = 'alice';
  static isAllowed: unknown = true;

  static reset(): void {
    Object.assign(Application, { meanwhile: () => undefined, owner: 'alice', isAllowed: true });
  }

  resolveOwner(): Promise<string | null> {
    Application.meanwhile();
    return Promise.resolve(Application.owner as string);
  }

  can(): boolean {
    Application.meanwhile();
    return Application.isAllowed as boolean;
  }
}

export class Routes {
  plain(this: void): object {
    return {};
  }

  @Public()
  open(this: void): object {
    return {};
  }

  @OptionalToken()
  optional(this: void): object {
    return {};
  }

  @Sse()
  stream(this: void): object {
    return {};
  }

  @RequireScopes('write')
  write(this: void): object {
    return {};
  }

  @RequireAnyScope('write', 'read')
  either(this: void): object {
    return {};
  }

  @RequireGroups('staff')
  staff(this: void): object {
    return {};
  }

  @RequireOwnerToken()
  owners(this: void): object {
    return {};
  }

  @RequireAcr('urn:strong')
  strong(this: void): object {
    return {};
  }

  @RequireOwner('user')
  own(this: void): object {
    return {};
  }

  @RequireOwner(Application)
  resolved(this: void): object {
    return {};
  }

  @RequirePolicy(Application)
  allowed(this: void): object {
    return {};
  }
}

export class Tokens extends TokenLookup {
  cached = new Map<string, Verdict>();
  answers = new Map<string, Verdict | Error>();
  asked: string[] = [];

  getCached(token: string): Verdict | undefined {
    return this.cached.get(token);
  }

  lookUp(token: string): Promise<Verdict> {
    return this.lookUpAgain(token);
  }

  lookUpAgain(token: string): Promise<Verdict> {
    this.asked.push(token);
    const answer = this.answers.get(token) ?? new Refusal('inactive');
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  }
}

/** @param headers receives what the guard sets on responses */
export function guardOf(
  tokens: TokenLookup,
  refusals: Refusals,
  watch: TokenWatch,
  settings: ResourceServerSettings,
  headers: Record<string, string>,
): AccessTokenGuard {
  const classes = new ProvidedClasses({ get: () => new Application() } as unknown as ModuleRef);
  const setHeader = (_: unknown, name: string, value: string): void => void (headers[name] = value);
  const policy = (context: ExecutionContext) => new RoutePolicy(Routes, context.getHandler());
  return new AccessTokenGuard(
    tokens,
    refusals,
    new RequestAuthenticator(tokens, refusals, watch, settings),
    watch,
    { httpAdapter: { setHeader } } as unknown as HttpAdapterHost,
    settings,
    { of: policy, ofCall: policy } as unknown as RoutePolicies,
    new OwnerResolvers(classes),
    new TokenPolicies(classes),
  );
}

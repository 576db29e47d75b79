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

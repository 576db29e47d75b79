import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { SetMetadata, type Type } from '@nestjs/common';
import { RequireOwner } from './require-owner.decorator.js';
import { RequireScopes } from './require-scopes.decorator.js';
import { assertRequirementsHold } from './requirement-checks.js';
import { RequireAcr } from './step-up.decorators.js';

/** Replaces the method by one that does not have its metadata. */
const replaced: MethodDecorator = (_target, _name, descriptor) => {
  descriptor.value = (() => 'other') as never;
  return descriptor;
};

class Owners {
  resolveOwner(): Promise<string | null> {
    return Promise.resolve(null);
  }
}

class Orders {
  @RequireOwner('user')
  own(): boolean {
    return true;
  }

  @RequireOwner('user')
  @RequireOwner('shop')
  ofBoth(): boolean {
    return true;
  }

  @RequireOwner(Owners)
  resolved(): boolean {
    return true;
  }

  @RequireAcr('urn:strong')
  strong(): boolean {
    return true;
  }

  plain(this: void): boolean {
    return true;
  }
}

@RequireAcr('urn:stronger')
class Strict extends Orders {}

@RequireOwner('user')
class OfUser {
  plain(this: void): boolean {
    return true;
  }
}

class Replaced {
  @replaced
  @RequireScopes('write')
  write(this: void): boolean {
    return true;
  }
}

class Decorated {
  @SetMetadata('other', true)
  @RequireScopes('write')
  write(this: void): boolean {
    return true;
  }
}

const check = (controller: Type, name: string, ...templates: string[]) => {
  const handler = (controller.prototype as Record<string, object>)[name] ?? {};
  assertRequirementsHold([{ controller, handlers: [handler, handler], method: 'GET', templates }]);
};

describe('assertRequirementsHold', () => {
  it.each<[Type, string, string[]]>([
    [Orders, 'own', ['/users/:user/orders', '/v2/:user']],
    [Orders, 'own', ['/users/:id.:user']],
    [Orders, 'ofBoth', ['/:shop/:user']],
    [Orders, 'resolved', ['/orders/:id']],
    [Orders, 'plain', ['/orders']],
    [Orders, 'strong', ['/orders']],
    [Orders, 'own', []],
    [OfUser, 'plain', ['/:user']],
    [Strict, 'plain', ['/']],
    [Decorated, 'write', ['/']],
  ])('accepts %p.%s at %j', (controller, name, templates) => {
    expect(() => check(controller, name, ...templates)).not.toThrow();
  });

  it.each<[Type, string, string[], string]>([
    [
      Orders,
      'own',
      ['/orders/:id'],
      "Orders.own: @RequireOwner('user') needs the parameter :user, which the path /orders/:id",
    ],
    [Orders, 'own', ['/:user', '/orders'], 'which the path /orders does not have'],
    [Orders, 'own', ['/users/:users', '/:user'], 'which the path /users/:users'],
    [Orders, 'own', ['/user'], 'which the path /user'],
    [Orders, 'own', ['/:User'], 'which the path /:User'],
    [Orders, 'ofBoth', ['/:user'], 'needs the parameter :shop'],
    [OfUser, 'plain', ['/'], "OfUser.plain: @RequireOwner('user')"],
    [Strict, 'strong', ['/'], 'Strict.strong: @RequireAcr() of class and handler have no value in common'],
    [Replaced, 'write', ['/'], 'Replaced.write: a decorator has replaced the method'],
  ])('stops the start by %p.%s at %j', (controller, name, templates, message) => {
    expect(() => check(controller, name, ...templates)).toThrow(message);
  });

  it('checks every controller and every route', () => {
    const routes = [OfUser, Orders].map((controller) => ({
      controller,
      handlers: [controller.prototype.plain],
      method: 'GET',
      templates: ['/:user'],
    }));
    expect(() => assertRequirementsHold(routes)).not.toThrow();
    const wrong = {
      controller: Replaced,
      handlers: [Replaced.prototype.write],
      method: 'GET',
      templates: [],
    };
    expect(() => assertRequirementsHold([...routes, wrong])).toThrow('Replaced.write');
  });
});

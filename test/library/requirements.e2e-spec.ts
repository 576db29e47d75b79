import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, NotFoundException, Scope } from '@nestjs/common';
import {
  Public,
  RequireAnyScope,
  RequireGroups,
  RequireOwner,
  RequireScopes,
  ResourceOwnerResolver,
} from '@latchkey/resource-server';
import { expectRefusal } from './support/expectations.js';
import { IntrospectionServer } from './support/introspection-server.js';
import { PLATFORMS, startApplication, type ProtectedApplication } from './support/protected-application.js';

/** Stands for the application's database. */
@Injectable()
class Orders {
  readonly owners: Record<string, unknown> = {
    1: 'alice',
    2: 'bob',
    3: '',
    4: undefined,
    5: ['alice'],
    6: null,
  };
}

@Injectable()
class OrderOwner extends ResourceOwnerResolver {
  constructor(private readonly orders: Orders) {
    super();
  }

  async resolveOwner({ id = '' }: Readonly<Record<string, string>>): Promise<string | null> {
    if (id === 'outage') throw new Error('connection refused');
    if (id === 'strange') throw new NotFoundException('No order');
    return this.orders.owners[id] as string | null;
  }
}

@Injectable({ scope: Scope.REQUEST })
class RequestScopedOwner extends OrderOwner {}

@Controller('orders/:id')
class OrdersController {
  @Get()
  @RequireOwner(OrderOwner)
  read() {
    return { ok: true };
  }

  @Get('open')
  @RequireOwner(OrderOwner, { refusal: 403 })
  readOpenly() {
    return { ok: true };
  }
}

@Public()
@Controller('public')
class PublicController {
  @Get('any')
  @RequireAnyScope('a', 'b')
  any() {
    return { ok: true };
  }

  @Get('read-any')
  @RequireScopes('read')
  @RequireAnyScope('a', 'b')
  readAny() {
    return { ok: true };
  }

  @Get('group')
  @RequireGroups('staff', 'admins')
  group() {
    return { ok: true };
  }

  @Get(':id')
  @RequireOwner(OrderOwner)
  owned() {
    return { ok: true };
  }
}

@Controller('scoped/:id')
class ScopedController {
  @Get()
  @RequireOwner(RequestScopedOwner)
  read() {
    return { ok: true };
  }
}

const notFound = { status: 404, error: 'not_found', challenge: null };
const denied = { status: 403, error: 'access_denied', challenge: null };

describe.each(PLATFORMS)('What a route can require, on %s', (platform) => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    authorizationServer.token('alice');
    authorizationServer.token('client', { sub: 'shop-backend', groups: ['staff', 'admins'] });
    for (const scope of ['a', 'b', 'ab', 'A', '']) authorizationServer.token(`scope-${scope}`, { scope });
    authorizationServer.token('read-b', { scope: 'read b' });
    authorizationServer.token('staff', { groups: ['staff'] });
    authorizationServer.token('both', { groups: ['admins', 'staff'] });
    authorizationServer.token('case', { groups: ['Staff', 'admins'] });
    application = await startApplication(
      [OrdersController, PublicController],
      { introspectionEndpoint: authorizationServer.url },
      undefined,
      { platform, providers: [Orders, OrderOwner] },
    );
  });

  afterAll(async () => {
    await application.close();
    await authorizationServer.stop();
  });

  it('lets the owner pass whom the resolver names', async () => {
    expect((await application.call('/orders/1', 'alice')).status).toBe(200);
    expect((await application.call('/orders/1/open', 'alice')).status).toBe(200);
  });

  it.each(['2', '3', '4', '5', '6', '7', 'toString', '%00'])('hides order %s from alice', async (id) => {
    await expectRefusal(await application.call(`/orders/${id}`, 'alice'), notFound);
    await expectRefusal(await application.call(`/orders/${id}/open`, 'alice'), denied);
  });

  it('never takes a client for the owner', async () => {
    await expectRefusal(await application.call('/orders/1', 'client'), denied);
  });

  it('answers 503 when the resolver throws, and tells the log why', async () => {
    const response = await application.call('/orders/outage', 'alice');
    expect(response.headers.get('retry-after')).toBe('2');
    await expectRefusal(response, { status: 503, error: 'temporarily_unavailable', challenge: null });
    expect(application.log.join()).toContain(
      'OrderOwner cannot say who the owner is: Error: connection refused',
    );
  });

  it('answers what the resolver throws for an answer', async () => {
    expect((await application.call('/orders/strange', 'alice')).status).toBe(404);
  });

  it.each([
    ['scope-', 'read a'],
    ['alice', 'read a'],
    ['scope-b', 'read b'],
  ])('names scopes that suffice together to the token %s: %s', async (token, scope) => {
    const response = await application.call('/public/read-any', token);
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain(`scope="${scope}"`);
    expect((await application.call('/public/read-any', 'read-b')).status).toBe(200);
  });

  it.each(['/public/any', '/public/group', '/public/1'])(
    'protects %s inside a public controller',
    async (path) => {
      expect((await application.call(path)).status).toBe(401);
    },
  );

  it.each(['scope-a', 'scope-b'])('one of several scopes is enough: %s', async (token) => {
    expect((await application.call('/public/any', token)).status).toBe(200);
  });

  it.each(['scope-ab', 'scope-A', 'scope-', 'alice'])('but there must be one: %s', async (token) => {
    const challenge = /error="insufficient_scope".* scope="a"$/;
    await expectRefusal(await application.call('/public/any', token), {
      status: 403,
      error: 'insufficient_scope',
      challenge,
    });
  });

  it('asks for all groups, of a resource owner', async () => {
    expect((await application.call('/public/group', 'both')).status).toBe(200);
    for (const token of ['staff', 'case', 'alice', 'client']) {
      await expectRefusal(await application.call('/public/group', token), denied);
    }
  });

  it.each([
    ['is not provided', [], OrdersController, 'OrderOwner'],
    ['is made for each request', [Orders, RequestScopedOwner], ScopedController, 'RequestScopedOwner'],
  ])('does not start when the resolver %s', async (_, providers, controller, name) => {
    const start = startApplication(
      [controller],
      { introspectionEndpoint: authorizationServer.url },
      undefined,
      { platform, providers },
    );
    await expect(start).rejects.toThrow(`@RequireOwner(${name})`);
  });
});

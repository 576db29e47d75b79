import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { RequireOwner } from '@latchkey/resource-server';
import { expectRefusal } from '../library/support/expectations.js';
import { IntrospectionServer } from '../library/support/introspection-server.js';
import { startApplication, type ProtectedApplication } from '../library/support/protected-application.js';

@Controller('users')
class OrdersController {
  @Get(':sub/orders')
  @RequireOwner('sub')
  list() {
    return { orders: [] };
  }

  /** The parameter may be left out. */
  @Get('missing/:sub?')
  @RequireOwner('sub')
  missing() {
    return { orders: [] };
  }
}

const TOKENS: Record<string, Record<string, unknown>> = {
  alice: {},
  client: { sub: 'shop-backend', username: undefined },
  nobody: { sub: undefined },
  undefined: { sub: 'undefined' },
};

describe('An owner check that cannot be made is a refusal (bitsacco pull request 224)', () => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    application = await startApplication([OrdersController], {
      introspectionEndpoint: authorizationServer.url,
    });
    for (const [token, claims] of Object.entries(TOKENS)) authorizationServer.token(token, claims);
  });

  afterAll(async () => {
    await application.close();
    await authorizationServer.stop();
  });

  it.each([
    ['alice', '/users/bob/orders'],
    ['alice', '/users/bob/orders?sub=alice'],
    ['alice', '/users/bob/orders?sub=bob&sub=alice'],
    ['alice', '/users/bob/orders?sub[]=alice'],
    ['alice', '/users/alice,bob/orders'],
    ['alice', '/users/ALICE/orders'],
    ['alice', '/users/%2561lice/orders'],
    ['alice', '/users/alice%00/orders'],
    ['alice', '/users/missing'],
    ['alice', '/users/missing?sub=alice'],
    ['client', '/users/shop-backend/orders'],
    ['nobody', '/users/null/orders'],
    ['nobody', '/users/undefined/orders'],
    ['undefined', '/users/missing'],
  ])('%s on %s', async (token, path) => {
    const refusal = { status: 403, error: 'access_denied', challenge: null };
    await expectRefusal(await application.call(path, token), refusal);
  });

  it('the owner passes', async () => {
    expect((await application.call('/users/alice/orders', 'alice')).status).toBe(200);
  });
});

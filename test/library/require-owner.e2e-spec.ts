import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { Public, RequireOwner, RequireOwnerToken, RequireScopes } from '@latchkey/resource-server';
import { expectRefusal } from './support/expectations.js';
import { IntrospectionServer } from './support/introspection-server.js';
import { startApplication, type ProtectedApplication } from './support/protected-application.js';

@Controller('users')
class OrdersController {
  @Get(':sub/orders')
  @RequireOwner('sub')
  list() {
    return { ok: true };
  }

  @Get(':sub/secrets')
  @RequireScopes('secrets')
  @RequireOwner('sub')
  secrets() {
    return { ok: true };
  }

  /** The parameter may be left out. */
  @Get('missing/:sub?')
  @RequireOwner('sub')
  missing() {
    return { ok: true };
  }

  @Get(':sub/twice/:other')
  @RequireOwner('sub')
  @RequireOwner('other')
  twice() {
    return { ok: true };
  }
}

@Public()
@RequireOwner('sub')
@Controller('vaults/:sub')
class VaultController {
  @Get()
  read() {
    return { ok: true };
  }
}

@RequireOwnerToken()
@Controller('me')
class MeController {
  @Get()
  read() {
    return { ok: true };
  }
}

describe('@RequireOwner()', () => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    const introspectionEndpoint = authorizationServer.url;
    application = await startApplication([OrdersController, VaultController, MeController], {
      introspectionEndpoint,
    });
    authorizationServer.token('alice');
    authorizationServer.token('odd', { sub: 'a/b c%61' });
    authorizationServer.token('client', { sub: 'shop-backend', username: undefined });
    authorizationServer.token('nobody', { sub: undefined });
    authorizationServer.token('undefined', { sub: 'undefined' });
  });

  afterAll(async () => {
    await application.close();
    await authorizationServer.stop();
  });

  it.each([
    ['alice', '/users/alice/orders'],
    ['alice', '/users/%61lice/orders'],
    ['alice', '/users/alice/twice/alice'],
    ['alice', '/vaults/alice'],
    ['alice', '/me'],
    ['odd', '/users/a%2Fb%20c%2561/orders'],
  ])('lets the owner pass: %s on %s', async (token, path) => {
    expect((await application.call(path, token)).status).toBe(200);
  });

  it.each([
    ['alice', '/users/bob/orders'],
    ['alice', '/users/Alice/orders'],
    ['alice', '/users/alice%00/orders'],
    ['alice', '/users/alice%20/orders'],
    ['alice', '/users/%2561lice/orders'],
    ['alice', '/users/alice,bob/orders'],
    ['alice', '/users/bob/orders?sub=alice'],
    ['alice', '/users/bob/orders?sub=alice&sub=bob'],
    ['alice', '/users/missing?sub=alice'],
    ['alice', '/users/alice/twice/bob'],
    ['alice', '/users/bob/twice/alice'],
    ['alice', '/vaults/bob'],
    ['undefined', '/users/missing'],
    ['client', '/users/shop-backend/orders'],
    ['client', '/me'],
    ['nobody', '/users/null/orders'],
    ['nobody', '/users/undefined/orders'],
    ['nobody', '/me'],
  ])('denies %s on %s', async (token, path) => {
    await expectRefusal(await application.call(path, token), {
      status: 403,
      error: 'access_denied',
      challenge: null,
    });
  });

  it('does not route a path whose owner is empty', async () => {
    expect((await application.call('/users//orders', 'alice')).status).toBe(404);
  });

  it('does not protect less inside a public controller', async () => {
    expect((await application.call('/vaults/alice')).status).toBe(401);
  });

  it('asks for the scope before it looks at the owner', async () => {
    await expectRefusal(await application.call('/users/bob/secrets', 'alice'), {
      status: 403,
      error: 'insufficient_scope',
      challenge: /scope="secrets"$/,
    });
  });
});

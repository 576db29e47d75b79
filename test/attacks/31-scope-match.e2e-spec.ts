import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { RequireScopes } from '@latchkey/resource-server';
import { expectRefusal } from '../library/support/expectations.js';
import { IntrospectionServer } from '../library/support/introspection-server.js';
import { startApplication, type ProtectedApplication } from '../library/support/protected-application.js';

@Controller()
@RequireScopes('read')
class NotesController {
  @Get()
  read() {
    return { notes: [] };
  }

  @Get('both')
  @RequireScopes('write')
  both() {
    return { notes: [] };
  }
}

describe('Scopes match exactly (RFC 6749 section 3.3)', () => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;

  afterEach(async () => {
    await application.close();
    await authorizationServer.stop();
  });

  it('a part of a name, another case, or nothing is not enough, and the challenge says what is', async () => {
    authorizationServer = await IntrospectionServer.start();
    application = await startApplication([NotesController], {
      introspectionEndpoint: authorizationServer.url,
    });
    const call = (scope: string | undefined, path = '/') =>
      application.call(path, authorizationServer.token('token', { scope }));
    for (const scope of [
      'readwrite',
      'rea',
      'Read',
      'read:all',
      'all:read',
      'write',
      '',
      undefined,
      '*',
      'admin',
    ]) {
      const challenge = /error="insufficient_scope", .*scope="read"$/;
      await expectRefusal(await call(scope), { status: 403, error: 'insufficient_scope', challenge });
    }
    for (const scope of ['read', 'write', 'readwrite']) {
      const challenge = /error="insufficient_scope", .*scope="read write"$/;
      await expectRefusal(await call(scope, '/both'), {
        status: 403,
        error: 'insufficient_scope',
        challenge,
      });
    }
    expect((await call('write read')).status).toBe(200);
    expect((await call('write read', '/both')).status).toBe(200);
  });
});

import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FreshnessStatus } from '@latchkey/resource-server';
import { startApplication, untilState } from '../library/support/guarded-application.js';
import { administerUser } from '../support/administration.js';
import { ALICE, API, RESOURCE_SERVER } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { Installation } from '../support/installation.js';
import { LatchkeyInProcess, offlineEnvironment } from '../support/latchkey.js';
import { expectSession } from '../support/sessions.js';
import type { Stack } from '../support/stack.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const ISSUER = 'https://login.example.com';

describe('A guard that runs while its authorization server is restored', () => {
  let installation: Installation;
  let stack: Stack;
  let proxy: TcpProxy;
  let guarded: NestFastifyApplication;

  const start = async () => {
    stack = await installation.start(undefined, { ISSUER });
  };
  const login = async () => expectSession(await stack.login(ALICE)).access_token;
  const status = async (token: string) =>
    (await fetch(await guarded.getUrl(), { headers: { authorization: `Bearer ${token}` } })).status;

  beforeEach(async () => {
    installation = await Installation.create('sqlite');
    await start();
    proxy = await TcpProxy.inFrontOfServer(stack.issuer);
  });

  afterEach(async () => {
    await guarded.close();
    await proxy.cut();
    await stack.stop();
    await installation.drop();
  });

  it.each(['introspection', 'local'] as const)(
    'accepts new logins of a user who was disabled and enabled after the backup (validation: %s)',
    async (validation) => {
      guarded = await startApplication({
        introspectionEndpoint: `${proxy.url}/oauth/introspect`,
        issuer: ISSUER,
        audience: API,
        clientId: RESOURCE_SERVER.clientId,
        clientSecret: RESOURCE_SERVER.secret,
        timeoutMs: 30_000,
        revocationFeed: { endpoint: `${proxy.url}/oauth/revocations` },
        ...(validation === 'local' && { validation, jwks: { uri: `${proxy.url}/oauth/jwks` } }),
      });
      const freshness = guarded.get(FreshnessStatus);
      await untilState(freshness, 'live');
      const latchkey = new LatchkeyInProcess(offlineEnvironment(installation.database));
      const backup = join(latchkey.home, 'backup.sqlite');
      await latchkey.succeed(['backup', backup]);
      const old = await login();
      expect(await status(old)).toBe(200);
      await administerUser(stack, ALICE.username).disable();
      await administerUser(stack, ALICE.username).enable();
      await eventually(async () => expect(await status(old)).toBe(401));
      expect(await status(await login())).toBe(200);

      await stack.stop();
      await latchkey.succeed(['restore', backup]);
      await start();
      proxy.leadTo(stack.issuer);
      await eventually(async () => expect(await status(await login())).toBe(200));
      await untilState(freshness, 'live');
      expect(await status(await login())).toBe(200);
      expect(await status(old)).toBe(401);
    },
  );
});

import { afterEach, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Database } from '@latchkey/platform/database';
import { Registry } from 'prom-client';
import { aClient, aConfiguration, ALICE, API, aResourceServer, OTHER, SHOP } from '../support/builders.js';
import { CANARY, CANARY_IN_BASE64, canaryRequests, sendCanary, type Access } from '../support/canaries.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectTokens } from '../support/expectations.js';
import type { Answer } from '../support/http.js';
import { routesOf } from '../support/routes.js';
import { expectSession } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';
import { storedTexts } from '../support/stored-texts.js';

const FORGED = `x"}\r\n{"level":30,"msg":"request","forged":true}\u2028\u001b[2J`;
/** What is logged does not depend on the database, so that on the second one a part of the requests is enough. */
const EVERY = { sqlite: 1, postgres: 4 } as const;
const ADMINISTRATOR = { clientId: 'administrator', secret: 'administrator-secret-0123456789abcdef' };

describeEachDatabase('Secrets stay out of logs and tables (CVE-2024-11217, CVE-2023-6484)', (dialect) => {
  let stack: Stack;
  /** What nobody may find again. */
  let secrets: string[];

  afterEach(() => stack.stop());

  const start = async (): Promise<NestFastifyApplication[]> => {
    secrets = [CANARY, CANARY_IN_BASE64, ALICE.password, SHOP.secret, OTHER.secret, ADMINISTRATOR.secret];
    stack = await startStack(dialect, {
      resourceServer: true,
      configuration: aConfiguration({
        clients: [
          aClient({ scope: 'account resources:read', default_scope: 'resources:read' }),
          aClient({ client_id: OTHER.clientId, client_secret: OTHER.secret }),
          aResourceServer(),
        ],
      }),
      environment: {
        LOG_LEVEL: 'trace',
        LATCHKEY_BOOTSTRAP_CLIENT_ID: ADMINISTRATOR.clientId,
        LATCHKEY_BOOTSTRAP_CLIENT_SECRET: ADMINISTRATOR.secret,
      },
    });
    if (stack.resourceServer === null) throw new Error('There is no resource server');
    return [stack.application, stack.resourceServer];
  };

  /** New ones, because what a request does may end those before. */
  const newAccess = async (): Promise<Access> => {
    const session = expectSession(await stack.login(ALICE));
    const account = expectTokens(await stack.login(ALICE, { scope: 'account', resource: API }));
    const administrator = expectTokens(
      await stack.token(
        { grant_type: 'client_credentials', scope: 'admin:clients admin:users' },
        ADMINISTRATOR,
      ),
    );
    const tokens = [session, account, administrator].map(({ access_token: token }) => token);
    secrets.push(session.refresh_token, ...tokens);
    return { client: SHOP, tokens };
  };

  const secretsIn = (text: string) => secrets.filter((secret) => text.includes(secret));

  const expectNothingFound = async (applications: readonly NestFastifyApplication[]) => {
    const isBad = (line: string) =>
      secretsIn(line).length > 0 || 'forged' in (JSON.parse(line) as Record<string, unknown>);
    expect(stack.log.length).toBeGreaterThan(0);
    expect(stack.log.filter(isBad)).toEqual([]);
    for (const application of applications) {
      const stored = await storedTexts(application.get(Database));
      expect(stored.length).toBeGreaterThan(0);
      expect(stored.filter((text) => secretsIn(text).length > 0 || text.includes('forged'))).toEqual([]);
      expect(secretsIn(await application.get(Registry).metrics())).toEqual([]);
    }
  };

  it('whatever is sent to whichever route of both servers, in the right place or in a wrong one', async () => {
    const applications = await start();
    const refusals: Answer[] = [];
    for (const application of applications) {
      const origin = await application.getUrl();
      const routes = [...routesOf(application), { method: 'GET', path: '/no-such-path' } as const];
      expect(routes.length).toBeGreaterThan(10);
      for (const path of new Set(routes.map((route) => route.path))) {
        const access = await newAccess();
        const requests = canaryRequests(access);
        for (const route of routes.filter((candidate) => candidate.path === path)) {
          const [first, ...others] = requests;
          const probe = await sendCanary(origin, route, first ?? {});
          // A method that the path does not have is refused before anything is read.
          const every = probe.status === 405 ? 20 : EVERY[dialect];
          const rest = others.filter((_, index) => index % every === 0);
          const answers = [
            probe,
            ...(await Promise.all(rest.map((options) => sendCanary(origin, route, options)))),
          ];
          refusals.push(...answers.filter(({ status }) => status >= 400));
        }
      }
    }
    expect(refusals.length).toBeGreaterThan(500);
    const tellSecrets = refusals.filter(
      ({ text, headers }) => secretsIn(text + JSON.stringify(headers)).length > 0,
    );
    expect(tellSecrets).toEqual([]);
    await expectNothingFound(applications);
  }, 300_000);

  it('no log line is forged by a user name, and what is issued is stored nowhere', async () => {
    const applications = await start();
    await stack.login({ username: FORGED, password: CANARY });
    const session = expectSession(await stack.login(ALICE));
    const refreshed = expectSession(await stack.refresh(session.refresh_token));
    await stack.introspect(refreshed.access_token);
    await stack.revoke(refreshed.refresh_token);
    for (const tokens of [session, refreshed]) secrets.push(tokens.access_token, tokens.refresh_token);
    await expectNothingFound(applications);
  });
});

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { imageCommand } from '../../bench/support/image-command.mjs';
import { aClient, aConfiguration, ALICE, API, SHOP } from '../support/builders.js';
import { describeEachDatabase, type TestDatabase } from '../support/databases.js';
import { createServerDatabase } from '../support/server-databases.js';
import { expectActive, expectTokens } from '../support/expectations.js';
import { postForm, send } from '../support/http.js';
import { challengePasskey, enrolPasskey, ForgingAuthenticator, showPasskey } from '../support/passkeys.js';
import { passwordOnly } from '../support/second-factors.js';
import { ServerProcess } from '../support/server-process.js';
import { freePort } from '../support/ports.js';
import { Stack } from '../support/stack.js';

const ISSUER = 'https://login.example.com';

describeEachDatabase('The server in one file, as its image runs it', (dialect) => {
  let folder: string;
  let database: TestDatabase;
  let server: ServerProcess;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-bundle-'));
    database = await createServerDatabase(dialect);
  });

  afterEach(async () => {
    await server.stop('SIGKILL');
    await database.drop();
    await rm(folder, { recursive: true });
  });

  it('logs in, with a passkey too, introspects, refreshes and shows its documentation, with no warning of anything', async () => {
    const configuration = join(folder, 'latchkey.json');
    const scope = { scope: 'account resources:read', default_scope: 'resources:read' };
    const clients = [aClient({ ...scope, audience: [ISSUER, API], may_introspect: true })];
    await writeFile(configuration, JSON.stringify(aConfiguration({ clients })));
    server = await ServerProcess.start({
      command: imageCommand(),
      environment: {
        PORT: String(await freePort()),
        ISSUER,
        DATABASE_URL: database.url,
        LATCHKEY_CONFIG: configuration,
        DOCS: 'true',
      },
    });
    const { url } = server;
    const tokens = expectTokens(
      await postForm(`${url}/oauth/token`, { grant_type: 'password', ...ALICE }, SHOP),
    );
    for (let time = 0; time < 2; time++) {
      expectActive(await postForm(`${url}/oauth/introspect`, { token: tokens.access_token }, SHOP));
    }
    const again = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' };
    expectTokens(await postForm(`${url}/oauth/token`, again, SHOP));
    expect((await send(`${url}/docs`)).status).toBe(200);

    const passkey = new ForgingAuthenticator();
    const atIssuer = { origin: ISSUER };
    // Its address is all that is asked of it.
    const stack = new Stack(null as never, url, '', [], () => Promise.resolve());
    await enrolPasskey(stack, ALICE, (options) => passkey.create(options, atIssuer));
    const { mfa_token: token } = await passwordOnly(stack, ALICE);
    const shown = passkey.get(await challengePasskey(stack, token), atIssuer);
    expectTokens(await showPasskey(stack, token, shown));

    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
    const lines = server.lines.map((line) => JSON.parse(line) as { level: number });
    expect(lines.filter(({ level }) => level > 30)).toEqual([]);
  });
});

it('has no letter that V8 would need two bytes a letter for, in all of its text', async () => {
  expect(await readFile('apps/authorization-server/dist/bundle/main.js', 'utf8')).not.toMatch(/[^\0-\x7f]/);
});

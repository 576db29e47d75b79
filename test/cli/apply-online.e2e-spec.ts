import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { CLIENT_MANAGER, ROOT, startAdministered } from '../support/admin-api.js';
import { aClient, ALICE, SHOP } from '../support/builders.js';
import { describeEachDatabase, type TestDatabase } from '../support/databases.js';
import { expectTokens } from '../support/expectations.js';
import type { Credentials } from '../support/http.js';
import { LatchkeyInProcess, offlineEnvironment, type Run } from '../support/latchkey.js';
import { createServerDatabase } from '../support/server-databases.js';
import type { Stack } from '../support/stack.js';
import { PASSWORD_HASH } from '../support/configurations.js';

const STRONG = 'tidal lantern mosaic under rain';

describeEachDatabase('apply and export through the API', (dialect) => {
  let stack: Stack;
  let database: TestDatabase;
  let latchkey: LatchkeyInProcess;

  beforeEach(async () => {
    database = await createServerDatabase(dialect);
    stack = await startAdministered(dialect, { database });
    latchkey = new LatchkeyInProcess();
  });

  afterEach(async () => {
    await stack.stop();
    await database.drop();
  });

  const run = (arguments_: string[], as: Credentials = ROOT, url = stack.issuer): Promise<Run> =>
    latchkey.run([...arguments_, '--online'], {
      environment: {
        LATCHKEY_URL: url,
        LATCHKEY_CLIENT_ID: as.clientId,
        LATCHKEY_CLIENT_SECRET: as.secret,
      },
    });

  const file = (content: object): string => {
    const path = join(latchkey.home, 'latchkey.json');
    writeFileSync(path, JSON.stringify(content));
    return path;
  };

  const CONFIGURATION = {
    scopes: [{ name: 'reports:read', description: 'Read reports' }],
    clients: [
      aClient({
        client_id: 'reports',
        client_secret: 'reports-secret-0123456789abcdefghijklmno',
        scope: 'reports:read',
        default_scope: 'reports:read',
      }),
    ],
    users: [
      { username: 'grace', password: STRONG, groups: ['staff'], allowed_scope: 'reports:read' },
      ...Array.from({ length: 101 }, (_, index) => ({
        username: `user-${index}`,
        password_hash: PASSWORD_HASH,
      })),
    ],
  };

  it('shows the difference, makes it, and finds nothing left to do', async () => {
    const path = file(CONFIGURATION);
    const shown = await run(['apply', '-f', path, '--dry-run']);
    expect(shown).toMatchObject({ status: 0 });
    expect(shown.stdout).toMatch(/^Scopes\n {2}\+ reports:read\n/);
    expect(shown.stdout).toContain('104 to create, 0 to update, 0 to delete, 0 unchanged\n');
    expect(shown.stdout).not.toContain(STRONG);
    expect((await run(['export'])).stdout).not.toContain('grace');

    const made = await run(['apply', '-f', path]);
    expect(made.stdout).toContain('104 created, 0 updated, 0 deleted, 0 unchanged\n');
    expect(made.stderr).toMatch(/^Compared \d+ of 104 \.\.\.$/m);
    expect(made.stderr).toMatch(/^Applied \d+ of 104 \.\.\.$/m);
    const reports = { clientId: 'reports', secret: 'reports-secret-0123456789abcdefghijklmno' };
    expectTokens(await stack.login({ username: 'grace', password: STRONG }, {}, reports));

    const changed = {
      ...CONFIGURATION,
      users: [{ username: 'grace', password: STRONG, groups: ['editors'], allowed_scope: 'reports:read' }],
    };
    const again = await run(['apply', '-f', file(changed), '--json']);
    const { applied, changes } = again.json as { applied: boolean; changes: { action: string }[] };
    expect(applied).toBe(true);
    expect(changes.map(({ action }) => action)).toEqual(['unchanged', 'unchanged', 'update']);
    const { stdout } = await run(['apply', '-f', file(changed), '--dry-run']);
    expect(stdout).toBe('0 to create, 0 to update, 0 to delete, 3 unchanged\n');
  }, 90_000);

  it('says how far it came, and goes on from there', async () => {
    let changing = 0;
    const flaky = createServer((request, response) => {
      void text(request).then(async (body) => {
        if (body.includes('"dry_run":false') && ++changing === 3) {
          response.writeHead(503, { 'content-type': 'application/problem+json' }).end('{}');
          return;
        }
        const { authorization = '', 'content-type': type = '' } = request.headers;
        const answer = await fetch(stack.issuer + request.url, {
          method: request.method ?? 'GET',
          headers: { authorization, ...(type !== '' && { 'content-type': type }) },
          ...(body !== '' && { body }),
        });
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
      });
    });
    await new Promise<void>((resolve) => flaky.listen(0, '127.0.0.1', resolve));
    const through = `http://127.0.0.1:${(flaky.address() as AddressInfo).port}`;
    const path = file(CONFIGURATION);
    const broken = await run(['apply', '-f', path], ROOT, through);
    expect(broken).toMatchObject({ status: 3, stdout: '' });
    expect(broken.stderr).toContain(
      '2 of 104 changes are applied. Whether those of users[0] to users[99] are is not known.',
    );
    const again = await run(['apply', '-f', path], ROOT, through);
    expect(again.stdout).toContain('102 created, 0 updated, 0 deleted, 2 unchanged\n');
    flaky.close();
  }, 90_000);

  it('says the same as on the database', async () => {
    if (dialect === 'sqlite') return;
    const offline = { environment: offlineEnvironment(database) };
    const paths = [
      CONFIGURATION,
      { clients: [aClient({ client_name: 'Shop', scope: 'resources:read', default_scope: undefined })] },
      { users: [{ ...ALICE, enabled: false }] },
    ];
    for (const content of paths) {
      const path = file(content);
      const here = await latchkey.run(['apply', '-f', path, '--dry-run', '--show-unchanged'], offline);
      const there = await run(['apply', '-f', path, '--dry-run', '--show-unchanged']);
      expect(there.stdout).toBe(here.stdout);
    }
    const exported = await latchkey.run(['export'], offline);
    expect(exported.status).toBe(0);
    expect((await run(['export'])).stdout).toBe(exported.stdout);
  });

  it('refuses with the place and the words of a file, all at once, and changes nothing', async () => {
    const wrong = {
      scopes: [{ name: 'reports:read' }],
      clients: [
        aClient({ client_id: 'new', client_secret: undefined }),
        { client_id: 'other', grant_types: 17 },
      ],
      users: [
        { username: 'grace', password: STRONG, allowed_scope: 'nowhere' },
        { username: 'a b', password: STRONG },
      ],
    };
    const refused = await run(['apply', '-f', file(wrong)]);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toMatch(/latchkey\.json is not usable:/);
    for (const place of [
      'clients[0].client_secret: is required',
      'clients[1].grant_types: ',
      'users[0].allowed_scope: there is no scope nowhere',
      'users[1].username: ',
    ]) {
      expect(refused.stderr).toContain(place);
    }
    expect(refused.stderr).not.toContain(STRONG);
    expect((await run(['export'])).stdout).not.toMatch(/reports:read|grace/);
  });

  it('gives no power that the client does not have', async () => {
    const clients = [
      aClient({
        client_id: 'powerful',
        scope: 'admin:users',
        grant_types: ['client_credentials'],
        default_scope: undefined,
        audience: [stack.issuer],
      }),
    ];
    const refused = await run(['apply', '-f', file({ clients })], CLIENT_MANAGER);
    expect(refused).toMatchObject({ status: 4, stdout: '' });
    expect((await run(['export'])).stdout).not.toContain('powerful');
    const secret = [aClient({ client_id: ROOT.clientId, reset: true, default_scope: undefined })];
    expect((await run(['apply', '-f', file({ clients: secret })], CLIENT_MANAGER)).status).toBe(4);
    const users = [{ username: 'grace', password: STRONG }];
    expect((await run(['apply', '-f', file({ users })], CLIENT_MANAGER)).status).toBe(4);
  });

  it('names the client that acted in the audit trail', async () => {
    await run(['apply', '-f', file({ users: [{ username: 'grace', password: STRONG }] })]);
    const { stdout } = await latchkey.run(['audit-events', '--json'], {
      environment: {
        LATCHKEY_URL: stack.issuer,
        LATCHKEY_CLIENT_ID: ROOT.clientId,
        LATCHKEY_CLIENT_SECRET: ROOT.secret,
      },
    });
    const events = JSON.parse(stdout) as { kind: string; actor: string }[];
    expect(events.find(({ kind }) => kind === 'user_created')?.actor).toBe(ROOT.clientId);
  });

  it('exports no secrets, and says where they are', async () => {
    const refused = await run(['export', '--with-secrets']);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    const { stdout } = await run(['export']);
    expect(stdout).toContain(`client_id: ${SHOP.clientId}`);
    expect(stdout).not.toMatch(/password_hash|client_secret/);
    expect((await run(['apply', '-f', file({ users: [] }), '--prune', '--yes'])).status).toBe(2);
  });
});

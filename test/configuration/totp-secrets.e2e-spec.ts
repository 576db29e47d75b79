import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { administrationBy, anAdministeredConfiguration, EVERYTHING, ROOT } from '../support/admin-api.js';
import { aUser, BOB } from '../support/builders.js';
import { describeEachDatabase, type TestDatabase } from '../support/databases.js';
import { createServerDatabase } from '../support/server-databases.js';
import { expectProblem, expectTokens } from '../support/expectations.js';
import { LatchkeyInProcess, offlineEnvironment } from '../support/latchkey.js';
import { Authenticator, otp, passwordOnly } from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';
import { storedTexts } from '../support/stored-texts.js';

const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const URI = `otpauth://totp/Shop:carol?secret=${SECRET}&issuer=Shop&algorithm=SHA1&digits=6&period=30`;

const CAROL = { username: 'carol', password: 'mosaic lantern under rain' };

describeEachDatabase('TOTP secrets of another system', (dialect) => {
  const latchkey = new LatchkeyInProcess();
  let database: TestDatabase;
  let stack: Stack | null;

  beforeEach(async () => {
    database = await createServerDatabase(dialect);
    stack = null;
  });

  afterEach(async () => {
    await stack?.stop();
    await database.drop();
  });

  const start = async (users: object[]): Promise<Stack> => {
    stack = await startStack(dialect, {
      database,
      configuration: (issuer) => ({ ...anAdministeredConfiguration(issuer), users: users as never }),
    });
    return stack;
  };

  const expectAsked = async (server: Stack, owner: typeof CAROL): Promise<void> => {
    const { mfa_token: token, mfa_requirements: wanted } = await passwordOnly(server, owner);
    expect(wanted.challenge).toContainEqual({ type: 'otp' });
    expectTokens(await otp(server, token, new Authenticator(SECRET).code()));
  };

  it.each([SECRET, URI, 'gezd gnbv gy3t qojq gezd gnbv gy3t qojq', 'GEZD-GNBV-GY3T-QOJQ'.repeat(2)])(
    'come from the configuration file as %j, and are sealed',
    async (secret) => {
      const server = await start([aUser({ ...CAROL, totp_secret: secret })]);
      await expectAsked(server, CAROL);
      const stored = (await storedTexts(server.database)).join('\n');
      expect(stored).not.toContain(SECRET);
      expect(stored).not.toContain('12345678901234567890');
    },
  );

  it('are used once: a file that is applied again brings none back, and no export has them', async () => {
    const users = [aUser({ ...CAROL, totp_secret: SECRET })];
    const first = await start(users);
    const admin = await administrationBy(first, ROOT, EVERYTHING);
    const { json } = await admin.get('/users?username=carol');
    const sub = (json as { data: { sub: string }[] }).data[0]?.sub;
    expect((await admin.get(`/users/${sub}/factors`)).json).toMatchObject({ data: [{ state: 'active' }] });
    expect((await admin.post(`/users/${sub}/reset-factors`)).status).toBe(200);
    await first.stop();
    const environment = offlineEnvironment(database);
    const path = join(latchkey.home, 'users.yaml');
    writeFileSync(path, JSON.stringify({ users: [{ ...CAROL, totp_secret: SECRET }] }));
    await latchkey.succeed(['apply', '-f', path, '--again'], { environment });
    const exported = await latchkey.succeed(['export', '--with-secrets'], { environment });
    expect(exported.stdout).toContain('carol');
    expect(exported.stdout).not.toMatch(/totp_secret|GEZDG/);
    expectTokens(await (await start(users)).login(CAROL));
  });

  it('are not shown by a difference', async () => {
    await (await start([])).stop();
    const path = join(latchkey.home, 'users.yaml');
    writeFileSync(path, JSON.stringify({ users: [{ ...CAROL, totp_secret: SECRET }] }));
    const { stdout } = await latchkey.succeed(['apply', '-f', path, '--dry-run'], {
      environment: offlineEnvironment(database),
    });
    expect(stdout).toContain('totp_secret: (set)');
    expect(stdout).not.toContain(SECRET);
  });

  it('come by import and by creation, and leave users who exist as they are', async () => {
    const server = await start([aUser(BOB)]);
    const admin = await administrationBy(server, ROOT, EVERYTHING);
    const imported = [
      { ...CAROL, totp_secret: URI },
      { ...BOB, totp_secret: SECRET },
    ];
    const answer = await admin.post('/users/import', { users: imported, skip_existing: true });
    expect(answer.json).toMatchObject({ imported: 1, skipped: 1 });
    await expectAsked(server, CAROL);
    expectTokens(await server.login(BOB));
    const dora = { username: 'dora', password: 'paper canoe violet gate' };
    const created = await admin.post('/users', { ...dora, totp_secret: SECRET });
    expect(created.json).toMatchObject({ username: 'dora', has_second_factor: true });
    expect(created.text).not.toContain(SECRET);
    await expectAsked(server, dora);
  });

  it.each([
    'no secret',
    'GEZDGNBV',
    'A'.repeat(200),
    URI.replace('SHA1', 'SHA256'),
    URI.replace('digits=6', 'digits=8'),
    URI.replace('period=30', 'period=60'),
    URI.replace('totp', 'hotp'),
    'otpauth://totp/Shop:carol?issuer=Shop',
    'https://example.com/?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
  ])('are refused where they are %j, which is not repeated', async (secret) => {
    const server = await start([]);
    const admin = await administrationBy(server, ROOT, EVERYTHING);
    const wrong = { ...CAROL, totp_secret: secret };
    const refused = await admin.post('/users/import', { users: [wrong] });
    expectProblem(refused, 400, 'invalid_request', ['users[0].totp_secret']);
    expect(refused.text).not.toContain(secret);
    const applied = await admin.post('/configuration/users', { users: [wrong] });
    expectProblem(applied, 400, 'invalid_request', ['users[0].totp_secret']);
    expect((await admin.get('/users?username=carol')).json).toMatchObject({ data: [] });
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { administerUser, newUserLike, type Owner } from '../support/administration.js';
import { ALICE, BOB } from '../support/builders.js';
import { restoreClock, setClock } from '../support/clock.js';
import { describeEachDatabase } from '../support/databases.js';
import { addAddress, enrolAddress, otherCode } from '../support/email-codes.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { MailServer } from '../support/mail-server.js';
import { account, withAccounts } from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';

describeEachDatabase('Codes by e-mail under /account', (dialect) => {
  let mail: MailServer;
  let stack: Stack;
  let owner: Owner;
  let address: string;

  beforeAll(async () => {
    mail = await MailServer.start();
    stack = await startStack(dialect, {
      configuration: withAccounts({ access_token_ttl: 3600 }),
      environment: mail.settings(),
    });
  });

  beforeEach(async () => {
    owner = await newUserLike(stack, ALICE);
    address = `${owner.username}@mail.example.com`;
  });

  afterEach(() => {
    // The database's clock too.
    setClock(stack, 0);
    restoreClock();
  });

  afterAll(async () => {
    await stack.stop();
    await mail.stop();
  });

  const token = async (who = owner) =>
    expectTokens(await stack.login(who, { scope: 'account' })).access_token;

  const confirm = (mine: string, id: string, code: string) =>
    account(stack, 'POST', `/factors/${id}/confirm`, mine, { code });

  const begin = async (mine: string, to = address): Promise<string> => {
    const added = await addAddress(stack, mine, to);
    expect(added.status).toBe(201);
    return (added.json as { id: string }).id;
  };

  it('are sent to the address, which is shown masked, and asked for once one was shown', async () => {
    const mine = await token();
    const added = await addAddress(stack, mine, address);
    expect(added).toMatchObject({ status: 201 });
    expect(added.json).toEqual({
      id: expect.any(String),
      type: 'email_code',
      state: 'pending',
      address: 'u***@m***',
      expires_in: 600,
    });
    const { id } = added.json as { id: string };
    expectTokens(await stack.login(owner));
    const confirmed = await confirm(mine, id, mail.codeFor(address));
    expect(confirmed).toMatchObject({ status: 200, json: { id, type: 'email_code', state: 'active' } });
    const listed = await account(stack, 'GET', '/factors', mine);
    expect(listed.json).toMatchObject({
      data: [{ id, type: 'email_code', state: 'active', address: 'u***@m***' }],
      types_supported: ['totp', 'email_code'],
    });
    expect(listed.text).not.toContain('mail.example.com');
    expectOAuthError(await stack.login(owner), 403, 'mfa_required');
  });

  it('are confirmed by the right code only, once, and by its user', async () => {
    const mine = await token();
    const id = await begin(mine);
    const code = mail.codeFor(address);
    for (const wrong of [otherCode(code), code.slice(1), `${code}0`, 'abcdefgh', '１２３４５６７８'])
      expectOAuthError(await confirm(mine, id, wrong), 403, 'access_denied');
    const theirs = await token(await newUserLike(stack, BOB));
    expect((await confirm(theirs, id, code)).status).toBe(404);
    const answers = await Promise.all(Array.from({ length: 4 }, () => confirm(mine, id, code)));
    const [once, ...others] = answers.map(({ status }) => status).sort();
    expect(once).toBe(200);
    // From then on a token of the password alone is too weak, which is asked first.
    for (const status of others) expect([401, 403]).toContain(status);
  });

  it('are good for ten minutes', async () => {
    const mine = await token();
    const id = await begin(mine);
    // The login may be five minutes old.
    await stack.database.execute(sql`UPDATE email_codes SET expires_at = expires_at - 600000 RETURNING id`);
    expectOAuthError(await confirm(mine, id, mail.codeFor(address)), 403, 'access_denied');
  });

  it('belong to the last address that was given', async () => {
    const mine = await token();
    const first = await begin(mine);
    const firstCode = mail.codeFor(address);
    const second = await begin(mine, `second.${address}`);
    expect((await confirm(mine, first, firstCode)).status).toBe(404);
    expectOAuthError(await confirm(mine, second, firstCode), 403, 'access_denied');
    expect((await confirm(mine, second, mail.codeFor(`second.${address}`))).status).toBe(200);
  });

  it.each([
    undefined,
    null,
    '',
    'erin',
    'erin@example.com, bob@example.com',
    'erin@example.com\r\nBcc: bob@example.com',
    'Erin <erin@example.com>',
    `${'a'.repeat(65)}@example.com`,
    ['erin@example.com'],
    { address: 'erin@example.com' },
    7,
  ])('are not sent to %j', async (wrong) => {
    const before = mail.received.length;
    const refused = await addAddress(stack, await token(), wrong);
    expectOAuthError(refused, 400, 'invalid_request');
    expect(refused.json).toMatchObject({ error_description: expect.stringContaining('address must be one') });
    expect(mail.received).toHaveLength(before);
  });

  it('are stored as keyed hashes, and their addresses sealed', async () => {
    const mine = await token();
    const id = await begin(mine);
    const code = mail.codeFor(address);
    const rows = await stack.database.query<{ digest: Buffer }>(sql`SELECT digest FROM email_codes`);
    const factors = await stack.database.query<{ secret: Buffer }>(sql`SELECT secret FROM second_factors`);
    const stored = [...rows.map(({ digest }) => digest), ...factors.map(({ secret }) => secret)];
    for (const bytes of stored) {
      expect(bytes.toString('latin1')).not.toContain(code);
      expect(bytes.toString('latin1')).not.toContain('example.com');
    }
    expect((await confirm(mine, id, code)).status).toBe(200);
  });

  it('leave a trace in the audit log, without the address', async () => {
    await enrolAddress(stack, mail, owner, address);
    const events = await stack.database.query<{
      kind: string;
      client_id: string | null;
      detail: string | null;
    }>(
      sql`SELECT kind, client_id, detail FROM audit_events
        WHERE subject = ${await administerUser(stack, owner.username).sub()} AND kind <> 'login'
        AND kind <> 'user_created' ORDER BY id`,
    );
    expect(events).toEqual([
      { kind: 'email_code_requested', client_id: 'shop-backend', detail: null },
      { kind: 'second_factor_added', client_id: null, detail: '{"type":"email_code"}' },
    ]);
  });
});

describeEachDatabase('A server that cannot send messages', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect, { configuration: withAccounts() });
  });

  afterAll(() => stack.stop());

  it('adds no address, and says so', async () => {
    const mine = expectTokens(await stack.login(ALICE, { scope: 'account' })).access_token;
    const { json } = await account(stack, 'GET', '/factors', mine);
    expect(json).toEqual({ data: [], recovery_codes: 0, types_supported: ['totp'] });
    const refused = await addAddress(stack, mine, 'erin@example.com');
    expectOAuthError(refused, 400, 'invalid_request');
    expect(refused.json).toMatchObject({ error_description: 'Codes by e-mail are off' });
    const grant = {
      grant_type: 'urn:latchkey:grant-type:mfa-oob',
      mfa_token: 'x',
      oob_code: 'x',
      binding_code: 'x',
    };
    expectOAuthError(await stack.token(grant), 400, 'unsupported_grant_type');
  });
});

import { afterEach, beforeEach, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { newUserLike, type Owner } from '../support/administration.js';
import { ALICE, BOB, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import {
  addAddress,
  challenge,
  enrolAddress,
  oob,
  otherCode,
  sendCode,
  type SentCode,
} from '../support/email-codes.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { FREE_ATTEMPTS, STRICT } from '../support/guessing.js';
import type { Answer } from '../support/http.js';
import { MailServer } from '../support/mail-server.js';
import { account, passwordOnly, withAccounts } from '../support/second-factors.js';
import { Servers } from '../support/servers.js';
import type { Stack } from '../support/stack.js';

/** Of both servers, so that the tokens of one are good at the other. */
const ISSUER = 'http://id.example.com';

const ADDRESS = 'alice@mail.example.com';

/** How many codes one account is sent at a time. */
const BUDGET = 5;
const STORM = 30;

/** The attacker has the password, and not the mailbox. */
describeEachDatabase('Codes by e-mail hold', (dialect) => {
  let mail: MailServer;
  let servers: Servers;

  beforeEach(async () => {
    mail = await MailServer.start();
    servers = await Servers.start(dialect, {
      environment: { ...STRICT.environment, ...mail.settings(), ISSUER },
      configuration: withAccounts({ forwards_end_user_address: true, access_token_ttl: 3600 })(ISSUER),
    });
  });

  afterEach(async () => {
    await servers.stop();
    await mail.stop();
  });

  const from = (address: string, device?: string) => ({
    'latchkey-forwarded-for': address,
    ...(device !== undefined && { 'latchkey-device': device }),
  });

  const sentTo = (address: string): number => mail.received.filter(({ to }) => to.includes(address)).length;

  const tokenOf = async (owner: Owner = ALICE): Promise<string> =>
    expectTokens(await servers.first.login(owner, { scope: 'account' })).access_token;

  /** How many codes were compared that were wrong. */
  const judged = async (kind: string): Promise<number> => {
    const [row] = await servers.first.database.query<{ count: number | null }>(
      sql`SELECT sum(count) AS count FROM audit_events WHERE kind = ${kind} AND detail LIKE ${'%wrong code%'}`,
    );
    return Number(row?.count ?? 0);
  };

  it('against a flood of messages to an account, from many addresses, with many handles', async () => {
    await enrolAddress(servers.first, mail, ALICE, ADDRESS);
    const { mfa_token: home } = await passwordOnly(servers.first, ALICE);
    const handle = await sendCode(servers.first, home);
    const known = await oob(servers.first, home, handle, mail.codeFor(ADDRESS), SHOP, from('198.51.100.7'));
    const device = String(known.headers['latchkey-device']);
    expectTokens(known);

    const before = sentTo(ADDRESS);
    const logins = await Promise.all(Array.from({ length: 4 }, () => passwordOnly(servers.first, ALICE)));
    const answers = await Promise.all(
      Array.from({ length: STORM }, (_, index) =>
        challenge(
          servers.of(index),
          logins[index % 4]?.mfa_token ?? '',
          {},
          SHOP,
          from(`203.0.113.${index}`),
        ),
      ),
    );
    const refused = answers.filter(({ status }) => status !== 200);
    // One was sent before.
    expect(sentTo(ADDRESS) - before).toBe(BUDGET - 1);
    expect(refused).toHaveLength(STORM - (BUDGET - 1));
    for (const answer of refused) {
      expectOAuthError(answer, 429, 'temporarily_unavailable');
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(60);
      expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(360);
    }
    const rows = await servers.first.database.query<{ count: number; detail: string }>(sql`
      SELECT count, detail FROM audit_events WHERE kind = 'email_code_requested' AND outcome = 'failure'`);
    expect(rows.reduce((sum, { count }) => sum + Number(count), 0)).toBe(refused.length);
    // A row for each minute, of which the storm sees one or two.
    expect(rows.length).toBeLessThanOrEqual(2);
    expect(rows[0]?.detail).toContain('too many for the account');
    expect(servers.first.log.join('\n')).toContain('the sending budget of the account is spent');

    // The owner gets a code where the owner is known.
    const own = await challenge(
      servers.first,
      logins[0]?.mfa_token ?? '',
      {},
      SHOP,
      from('192.0.2.1', device),
    );
    expect(own.status).toBe(200);
    const { oob_code: code } = own.json as SentCode;
    expectTokens(await oob(servers.first, logins[0]?.mfa_token ?? '', code, mail.codeFor(ADDRESS)));
  });

  it("against a flood to a stranger's mailbox, through many accounts, which takes no code from its owner", async () => {
    await enrolAddress(servers.first, mail, ALICE, ADDRESS);
    const before = mail.received.length;
    const answers: Answer[] = [];
    for (let index = 0; index < 4; index++) {
      const token = await tokenOf(await newUserLike(servers.first, BOB));
      const spellings = [ADDRESS, `alice+${index}@mail.example.com`, 'ALICE@Mail.Example.COM'];
      answers.push(
        ...(await Promise.all(spellings.map((address) => addAddress(servers.of(index), token, address)))),
      );
    }
    const refused = answers.filter(({ status }) => status !== 201);
    for (const answer of refused) expectOAuthError(answer, 429, 'temporarily_unavailable');
    // One to the owner, who had the address confirmed.
    expect(mail.received.length - before).toBe(BUDGET - 1);
    const { mfa_token: token } = await passwordOnly(servers.first, ALICE);
    const handle = await sendCode(servers.first, token);
    expectTokens(await oob(servers.first, token, handle, mail.codeFor(ADDRESS)));
  });

  it('against guesses at once, whose count no new message sets back', async () => {
    await enrolAddress(servers.first, mail, ALICE, ADDRESS);
    const { mfa_token: token } = await passwordOnly(servers.first, ALICE);
    for (let round = 0; round < BUDGET - 1; round++) {
      const handle = await sendCode(servers.of(round), token);
      const wrong = otherCode(mail.codeFor(ADDRESS));
      const guesses = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          oob(servers.of(index), token, handle, wrong, SHOP, from(`203.0.113.${index}`)),
        ),
      );
      for (const answer of guesses) expectOAuthError(answer, 400, 'invalid_grant');
    }
    expect(await judged('login')).toBeLessThanOrEqual(FREE_ATTEMPTS);
    // Not even the right one, from there.
    const handle = await sendCode(servers.first, token);
    const right = await oob(servers.first, token, handle, mail.codeFor(ADDRESS), SHOP, from('203.0.113.1'));
    expectOAuthError(right, 400, 'invalid_grant');
  });

  it('against guesses of the code that proves an address', async () => {
    const mine = await tokenOf();
    for (let round = 0; round < 3; round++) {
      const { id } = (await addAddress(servers.first, mine, ADDRESS)).json as { id: string };
      const code = otherCode(mail.codeFor(ADDRESS));
      await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          account(servers.of(index), 'POST', `/factors/${id}/confirm`, mine, { code }),
        ),
      );
    }
    expect(await judged('second_factor_added')).toBeLessThanOrEqual(FREE_ATTEMPTS);
  });

  it('when a code is used once more, at the same time and at another server', async () => {
    const mine = await tokenOf();
    const { id } = (await addAddress(servers.first, mine, ADDRESS)).json as { id: string };
    const proof = mail.codeFor(ADDRESS);
    const confirm = (stack: Stack) => account(stack, 'POST', `/factors/${id}/confirm`, mine, { code: proof });
    const confirmed = await Promise.all(Array.from({ length: 4 }, (_, index) => confirm(servers.of(index))));
    // From then on a token of the password alone is too weak.
    expect(confirmed.filter(({ status }) => ![401, 403].includes(status))).toMatchObject([{ status: 200 }]);

    const { mfa_token: token } = await passwordOnly(servers.first, ALICE);
    const handle = await sendCode(servers.first, token);
    const code = mail.codeFor(ADDRESS);
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, index) => oob(servers.of(index), token, handle, code)),
    );
    // The same login, whose answer may be repeated.
    expect(new Set(answers.map((answer) => expectTokens(answer).refresh_token)).size).toBe(1);
    const { mfa_token: next } = await passwordOnly(servers.first, ALICE);
    expectOAuthError(await oob(servers.second, next, handle, code), 400, 'invalid_grant');
  });

  it('when the code is that of another login, or of another user', async () => {
    await enrolAddress(servers.first, mail, ALICE, ADDRESS);
    await enrolAddress(servers.first, mail, BOB, 'bob@mail.example.com');
    const { mfa_token: watched } = await passwordOnly(servers.first, ALICE);
    const handle = await sendCode(servers.first, watched);
    const code = mail.codeFor(ADDRESS);
    const { mfa_token: attackers } = await passwordOnly(servers.first, ALICE);
    expectOAuthError(await oob(servers.first, attackers, handle, code), 400, 'invalid_grant');
    const { mfa_token: bobs } = await passwordOnly(servers.first, BOB);
    expectOAuthError(await oob(servers.first, bobs, handle, code), 400, 'invalid_grant');
    expectTokens(await oob(servers.first, watched, handle, code));
  });

  it('against addresses that are more than one, or more than an address', async () => {
    const mine = await tokenOf();
    const addresses = [
      'alice@mail.example.com\r\nBcc: all@mail.example.com',
      'alice@mail.example.com\nRCPT TO:<all@mail.example.com>',
      'alice@mail.example.com, all@mail.example.com',
      '"alice\r\n"@mail.example.com',
      'all@mail.example.com <alice@mail.example.com>',
    ];
    for (const address of addresses) {
      expectOAuthError(await addAddress(servers.first, mine, address), 400, 'invalid_request');
    }
    expect(mail.received).toHaveLength(0);
  });

  it('against a mailbox that is added with a token of the password alone', async () => {
    const stolen = await tokenOf();
    await enrolAddress(servers.first, mail, ALICE, ADDRESS);
    const before = mail.received.length;
    const added = await addAddress(servers.first, stolen, 'thief@mail.example.com');
    expect(added.status).toBe(401);
    expect(mail.received).toHaveLength(before);
  });
});

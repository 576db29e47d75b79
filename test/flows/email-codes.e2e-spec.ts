import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { administerUser, newUserLike, type Owner } from '../support/administration.js';
import { ALICE, BOB, OTHER, SHOP } from '../support/builders.js';
import { restoreClock, setClock } from '../support/clock.js';
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
import { postForm, send } from '../support/http.js';
import { MailServer } from '../support/mail-server.js';
import { account, enrolWith, otp, passwordOnly, withAccounts } from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';

describeEachDatabase('A login with a code by e-mail', (dialect) => {
  let mail: MailServer;
  let stack: Stack;
  let owner: Owner;
  let other: Owner;
  let address: string;
  let factorId: string;

  beforeAll(async () => {
    mail = await MailServer.start();
    stack = await startStack(dialect, { configuration: withAccounts(), environment: mail.settings() });
  });

  beforeEach(async () => {
    owner = await newUserLike(stack, ALICE);
    other = await newUserLike(stack, BOB);
    address = `${owner.username}@mail.example.com`;
    factorId = await enrolAddress(stack, mail, owner, address);
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

  /** A token of a login with a code. */
  const strongToken = async (): Promise<string> => {
    const { mfa_token: token } = await passwordOnly(stack, owner);
    const handle = await sendCode(stack, token);
    return expectTokens(await oob(stack, token, handle, mail.codeFor(address))).access_token;
  };

  it('asks for it after the right password, sends it, and ends with it', async () => {
    const required = await passwordOnly(stack, owner);
    const sentTo = `${address.slice(0, 1)}***@m***`;
    expect(required.mfa_requirements).toEqual({
      challenge: [{ type: 'email', authenticator_id: factorId, sent_to: sentTo }, { type: 'recovery-code' }],
    });
    const before = mail.received.length;
    const sent = await challenge(stack, required.mfa_token);
    expect(sent).toMatchObject({
      status: 200,
      json: {
        challenge_type: 'oob',
        oob_code: expect.stringMatching(/^[\w-]{22}$/),
        binding_method: 'prompt',
        oob_channel: 'email',
        sent_to: sentTo,
      },
    });
    expect(mail.received).toHaveLength(before + 1);
    const [message] = mail.received.slice(-1);
    expect(message).toMatchObject({ from: 'no-reply@id.example.com', to: [address] });
    expect(message?.source).toMatch(/^Subject: Your code to log in at 127\.0\.0\.1:\d+\r$/m);
    expect(message?.source).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(message?.source).not.toContain(required.mfa_token);

    const { oob_code: handle } = sent.json as SentCode;
    const code = mail.codeFor(address);
    const { access_token: token } = expectTokens(await oob(stack, required.mfa_token, handle, code));
    expect(decodeJwt(token)).toMatchObject({ amr: ['pwd', 'otp', 'mfa'], acr: 'urn:latchkey:acr:mfa' });
    expect(stack.log.join('\n')).not.toContain(code);
    expect(stack.log.join('\n')).not.toContain(address);
  });

  it("takes Auth0's names, and sends without challenge_type where nothing else is possible", async () => {
    const { mfa_token: token } = await passwordOnly(stack, owner);
    const form = { mfa_token: token, client_id: SHOP.clientId, client_secret: SHOP.secret };
    const { json } = await postForm(`${stack.issuer}/mfa/challenge`, form, null);
    const { oob_code: handle } = json as SentCode;
    const grant = {
      grant_type: 'http://auth0.com/oauth/grant-type/mfa-oob',
      client_id: SHOP.clientId,
      client_secret: SHOP.secret,
      mfa_token: token,
      oob_code: handle,
      binding_code: mail.codeFor(address),
    };
    expectTokens(await stack.token(grant, null));
  });

  it.each([
    '',
    '1234567',
    '123456789',
    'abcdefgh',
    '１２３４５６７８',
    '1234 5678',
    '-1234567',
    '12345678\n',
  ])('does not end with %j, and goes on with the right code', async (wrong) => {
    const { mfa_token: token } = await passwordOnly(stack, owner);
    const handle = await sendCode(stack, token);
    const answer = await oob(stack, token, handle, wrong);
    expectOAuthError(answer, 400, wrong === '' ? 'invalid_request' : 'invalid_grant');
    const code = mail.codeFor(address);
    expectOAuthError(await oob(stack, token, handle, otherCode(code)), 400, 'invalid_grant');
    expectTokens(await oob(stack, token, handle, code));
  });

  it('takes a code once, and gives the same request its answer again', async () => {
    const { mfa_token: token } = await passwordOnly(stack, owner);
    const handle = await sendCode(stack, token);
    const code = mail.codeFor(address);
    const answers = await Promise.all(Array.from({ length: 4 }, () => oob(stack, token, handle, code)));
    const refreshTokens = answers.map((answer) => expectTokens(answer).refresh_token);
    expect(new Set(refreshTokens).size).toBe(1);
    const next = await passwordOnly(stack, owner);
    expectOAuthError(await oob(stack, next.mfa_token, handle, code), 400, 'invalid_grant');
    setClock(stack, 11);
    expectOAuthError(await oob(stack, token, handle, code), 400, 'invalid_grant');
  });

  it('takes the code of the last message only', async () => {
    const { mfa_token: token } = await passwordOnly(stack, owner);
    const first = await sendCode(stack, token);
    const firstCode = mail.codeFor(address);
    const second = await sendCode(stack, token);
    expect(second).not.toBe(first);
    expectOAuthError(await oob(stack, token, first, firstCode), 400, 'invalid_grant');
    expectOAuthError(await oob(stack, token, first, mail.codeFor(address)), 400, 'invalid_grant');
    expectTokens(await oob(stack, token, second, mail.codeFor(address)));
  });

  it('takes no code after ten minutes, nor before it was sent', async () => {
    setClock(stack, 1);
    const { mfa_token: token } = await passwordOnly(stack, owner);
    const handle = await sendCode(stack, token);
    const code = mail.codeFor(address);
    setClock(stack, 0);
    expectOAuthError(await oob(stack, token, handle, code), 400, 'invalid_grant');
    setClock(stack, 601);
    const later = await passwordOnly(stack, owner);
    expectOAuthError(await oob(stack, later.mfa_token, handle, code), 400, 'invalid_grant');
    expectOAuthError(await oob(stack, token, handle, code), 400, 'invalid_grant');
  });

  it('takes no code of another login, user or client', async () => {
    await enrolAddress(stack, mail, other, `${other.username}@mail.example.com`);
    const { mfa_token: theirs } = await passwordOnly(stack, other);
    const theirHandle = await sendCode(stack, theirs);
    const theirCode = mail.codeFor(`${other.username}@mail.example.com`);
    const { mfa_token: mine } = await passwordOnly(stack, owner);
    const { mfa_token: mineToo } = await passwordOnly(stack, owner);
    const handle = await sendCode(stack, mine);
    const code = mail.codeFor(address);
    for (const answer of [
      await oob(stack, mine, theirHandle, theirCode),
      await oob(stack, theirs, handle, code),
      await oob(stack, mineToo, handle, code),
      await oob(stack, mine, handle, code, OTHER),
      await challenge(stack, mine, {}, OTHER),
    ])
      expectOAuthError(answer, 400, 'invalid_grant');
    expectTokens(await oob(stack, mine, handle, code));
  });

  it.each(['removed', 'disabled'])(
    'is over when the factor, or the user, is %s between two steps',
    async (what) => {
      const strong = await strongToken();
      const { mfa_token: waiting } = await passwordOnly(stack, owner);
      const handle = await sendCode(stack, waiting);
      const code = mail.codeFor(address);
      if (what === 'disabled') await administerUser(stack, owner.username).disable();
      else expect((await account(stack, 'DELETE', `/factors/${factorId}`, strong)).status).toBe(204);
      expectOAuthError(await oob(stack, waiting, handle, code), 400, 'invalid_grant');
    },
  );

  it('offers an authenticator first, and sends nothing unless it is asked to', async () => {
    const strong = await strongToken();
    const authenticator = await enrolWith(stack, strong);
    const second = `${owner.username}@second.example.com`;
    const added = await addAddress(stack, strong, second);
    const { id } = added.json as { id: string };
    const confirmed = await account(stack, 'POST', `/factors/${id}/confirm`, strong, {
      code: mail.codeFor(second),
    });
    expect(confirmed.status).toBe(200);

    const before = mail.received.length;
    const { mfa_token: token, mfa_requirements: requirements } = await passwordOnly(stack, owner);
    expect(requirements.challenge).toEqual([
      { type: 'otp' },
      { type: 'email', authenticator_id: factorId, sent_to: 'u***@m***' },
      { type: 'email', authenticator_id: id, sent_to: 'u***@s***' },
      { type: 'recovery-code' },
    ]);
    for (const types of ['otp', 'otp oob', 'oob otp']) {
      const answer = await challenge(stack, token, { challenge_type: types });
      expect(answer).toMatchObject({ status: 200, json: { challenge_type: 'otp' } });
    }
    const unfit: Record<string, string>[] = [{ authenticator_id: 'email|dev_x' }, { challenge_type: 'sms' }];
    for (const form of unfit) {
      expectOAuthError(await challenge(stack, token, form), 400, 'invalid_request');
    }
    expect(mail.received).toHaveLength(before);

    const named = await challenge(stack, token, { challenge_type: 'otp oob', authenticator_id: id });
    expect(named).toMatchObject({ status: 200, json: { challenge_type: 'oob', sent_to: 'u***@s***' } });
    expect(mail.received.slice(before).map(({ to }) => to)).toEqual([[second]]);
    expectTokens(await otp(stack, token, authenticator.code()));
  });

  it('shows no code, handle or address of a login to others, and sends nothing before the password', async () => {
    const before = mail.received.length;
    for (const token of ['', 'x', 'lkm_', `lkm_${'A'.repeat(82)}`]) {
      expect((await challenge(stack, token)).status).toBe(400);
    }
    const wrong = await stack.login({ ...owner, password: 'wrong' });
    expectOAuthError(wrong, 400, 'invalid_grant');
    expect(wrong.text).not.toContain('***');
    expect(mail.received).toHaveLength(before);
  });

  it('is offered in the metadata', async () => {
    const { json } = await send(`${stack.issuer}/.well-known/oauth-authorization-server`);
    expect(json).toMatchObject({
      grant_types_supported: expect.arrayContaining(['urn:latchkey:grant-type:mfa-oob']),
    });
  });
});

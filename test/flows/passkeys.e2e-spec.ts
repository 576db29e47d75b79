import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import sql from 'sql-template-tag';
import { administerUser, newUserLike, type Owner } from '../support/administration.js';
import { ALICE, OTHER, SHOP } from '../support/builders.js';
import { restoreClock, setClock } from '../support/clock.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectActive, expectOAuthError, expectTokens } from '../support/expectations.js';
import { postForm, send } from '../support/http.js';
import { account, enrol, otp, passwordOnly, withAccounts } from '../support/second-factors.js';
import {
  aBrowser,
  accountToken,
  addPasskey,
  beginPasskey,
  challengePasskey,
  enrolPasskey,
  FLAGS,
  ForgingAuthenticator,
  ORIGIN,
  PASSKEY,
  RP_ID,
  showPasskey,
  waitForPasskey,
  WITH_PASSKEYS,
  withPasskeys,
} from '../support/passkeys.js';
import { startStack, type Stack } from '../support/stack.js';

const SYNCED = FLAGS.present + FLAGS.verified + FLAGS.backupEligible;

describeEachDatabase('A login with a passkey', (dialect) => {
  let stack: Stack;
  let owner: Owner;
  let authenticator: ForgingAuthenticator;

  beforeAll(async () => {
    stack = await startStack(dialect, { environment: WITH_PASSKEYS, configuration: withPasskeys() });
  });

  beforeEach(async () => {
    owner = await newUserLike(stack, ALICE);
    authenticator = new ForgingAuthenticator();
  });

  afterEach(() => {
    setClock(stack, 0);
    restoreClock();
  });

  afterAll(() => stack.stop());

  const enrolled = (flags?: number) =>
    enrolPasskey(stack, owner, (options) =>
      authenticator.create(options, flags === undefined ? {} : { flags }),
    );

  const waiting = () => waitForPasskey(stack, owner);

  it('ends with what a browser gives for the options, and says so in tokens', async () => {
    const browser = aBrowser();
    await enrolPasskey(stack, owner, (options) => browser.createJSON(ORIGIN, options as never));
    const required = await passwordOnly(stack, owner);
    expect(required.mfa_requirements).toEqual({
      challenge: [{ type: 'passkey' }, { type: 'recovery-code' }],
    });
    const options = await challengePasskey(stack, required.mfa_token);
    expect(options).toEqual({
      rpId: RP_ID,
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      timeout: 300_000,
      allowCredentials: [{ type: 'public-key', id: expect.any(String), transports: ['usb'] }],
      userVerification: 'required',
    });
    const answer = await showPasskey(stack, required.mfa_token, browser.getJSON(ORIGIN, options as never));
    const { access_token: token, refresh_token: refreshToken } = expectTokens(answer);
    expect(answer.headers['latchkey-device']).toEqual(expect.any(String));
    const claims = { amr: ['pwd', 'swk', 'user', 'mfa'], acr: 'urn:latchkey:acr:phr' };
    expect(decodeJwt(token)).toMatchObject(claims);
    expect(expectActive(await stack.introspect(token))).toMatchObject(claims);
    const refreshed = expectTokens(await stack.refresh(refreshToken ?? ''));
    expect(decodeJwt(refreshed.access_token)).toMatchObject(claims);
  });

  it('with one that stays on its device is one of hardware, and may change second factors', async () => {
    const id = await enrolled();
    const { options, show } = await waiting();
    const { access_token: token } = expectTokens(await show(authenticator.get(options)));
    expect(decodeJwt(token)).toMatchObject({
      amr: ['pwd', 'hwk', 'user', 'mfa'],
      acr: 'urn:latchkey:acr:phr',
    });
    const { json } = await account(stack, 'GET', '/factors', token);
    expect(json).toMatchObject({ data: [{ id, last_used_at: expect.any(String), backed_up: false }] });
    expect((await account(stack, 'DELETE', `/factors/${id}`, token)).status).toBe(204);
    const [removed] = await stack.database.query<{ detail: string }>(
      sql`SELECT detail FROM audit_events WHERE kind = 'second_factor_removed' ORDER BY id DESC LIMIT 1`,
    );
    expect(removed).toEqual({ detail: '{"type":"passkey"}' });
    expectTokens(await stack.login(owner));
  });

  it('lists what the user has, and takes each of it', async () => {
    const codes = await enrol(stack, owner);
    const token = await accountToken(stack, owner, { totp: codes.code() });
    await addPasskey(stack, token, authenticator.create(await beginPasskey(stack, token)));
    const required = await passwordOnly(stack, owner);
    expect(required.mfa_requirements).toEqual({
      challenge: [{ type: 'otp' }, { type: 'passkey' }, { type: 'recovery-code' }],
    });
    expectTokens(await otp(stack, required.mfa_token, codes.code(1)));
    const { options, show } = await waiting();
    expectTokens(await show(authenticator.get(options)));
  });

  it('asks a client that can show several factors for one that the user has', async () => {
    const ask = async (types: string) => {
      const { mfa_token: token } = await passwordOnly(stack, owner);
      const form = { mfa_token: token, challenge_type: types };
      return postForm(`${stack.issuer}/oauth/mfa/challenge`, form, SHOP);
    };
    const codes = await enrol(stack, owner);
    for (const types of ['passkey otp oob', 'oob otp passkey']) {
      expect(await ask(types)).toMatchObject({ status: 200, json: { challenge_type: 'otp' } });
    }
    expectOAuthError(await ask('passkey'), 403, 'access_denied');
    expectOAuthError(await ask('passkey oob'), 400, 'invalid_request');
    const token = await accountToken(stack, owner, { totp: codes.code() });
    await addPasskey(stack, token, authenticator.create(await beginPasskey(stack, token)));
    expect(await ask('otp oob passkey')).toMatchObject({ status: 200, json: { challenge_type: 'passkey' } });
  });

  it('takes the handle of the user from authenticators that know it, and no other one', async () => {
    let handle = '';
    await enrolPasskey(stack, owner, (options) => {
      handle = options.user.id;
      return authenticator.create(options);
    });
    const first = await waiting();
    const other = Buffer.alloc(32).toString('base64url');
    expectOAuthError(
      await first.show(authenticator.get(first.options, { userHandle: other })),
      400,
      'invalid_grant',
    );
    const second = await waiting();
    expectTokens(await second.show(authenticator.get(second.options, { userHandle: handle })));
  });

  it('gives the same request its answer again, for ten seconds', async () => {
    await enrolled();
    const { options, show } = await waiting();
    const credential = authenticator.get(options);
    const [one, other] = (await Promise.all([show(credential), show(credential)])).map(expectTokens);
    expect(other?.refresh_token).toBe(one?.refresh_token);
    expect(expectTokens(await show(credential)).refresh_token).toBe(one?.refresh_token);
    expectOAuthError(await show(authenticator.get(options)), 400, 'invalid_grant');
    setClock(stack, 11);
    expectOAuthError(await show(credential), 400, 'invalid_grant');
  });

  it('notes whether the passkey is on more than one device', async () => {
    await enrolled(SYNCED);
    const state = async (flags: number) => {
      const { options, show } = await waiting();
      const answer = await show(authenticator.get(options, { flags }));
      const { access_token: token } = expectTokens(answer);
      const { json } = await account(stack, 'GET', '/factors', token);
      return (json as { data: { backed_up: boolean }[] }).data[0]?.backed_up;
    };
    expect(await state(SYNCED + FLAGS.backedUp)).toBe(true);
    expect(await state(SYNCED)).toBe(false);
  });

  it('is over when the passkey is removed, or the user is disabled, between two steps', async () => {
    await enrolled();
    const first = await waiting();
    const second = await waiting();
    const third = await waiting();
    const { access_token: token } = expectTokens(await first.show(authenticator.get(first.options)));
    const { data } = (await account(stack, 'GET', '/factors', token)).json as { data: { id: string }[] };
    await account(stack, 'DELETE', `/factors/${data[0]?.id}`, token);
    expectOAuthError(await second.show(authenticator.get(second.options)), 400, 'invalid_grant');
    await administerUser(stack, owner.username).disable();
    expectOAuthError(await third.show(authenticator.get(third.options)), 400, 'invalid_grant');
  });

  it('is not asked for where the user has none, nor by another client', async () => {
    await enrol(stack, owner);
    const { mfa_token: token } = await passwordOnly(stack, owner);
    const url = `${stack.issuer}/oauth/mfa/challenge`;
    const form = { mfa_token: token, challenge_type: 'passkey' };
    expectOAuthError(await postForm(url, form, SHOP), 403, 'access_denied');
    expectOAuthError(await postForm(url, form, OTHER), 400, 'invalid_grant');
    expect((await postForm(url, { mfa_token: token }, SHOP)).json).toEqual({ challenge_type: 'otp' });
  });
});

describeEachDatabase('The grant for passkeys', (dialect) => {
  it.each([
    ['is one of a server that has them', WITH_PASSKEYS, true],
    ['is none of a server whose issuer has no domain name', {}, false],
  ])('%s', async (_, environment, isOn) => {
    const configuration = isOn ? withPasskeys() : withAccounts();
    const stack = await startStack(dialect, { environment, configuration });
    try {
      const { json } = await send(`${stack.issuer}/.well-known/oauth-authorization-server`);
      const { grant_types_supported: grants, acr_values_supported: acrs } = json as Record<string, string[]>;
      expect(grants?.includes(PASSKEY)).toBe(isOn);
      expect(acrs?.includes('urn:latchkey:acr:phr')).toBe(isOn);
      const answer = await showPasskey(stack, 'lkm_x', {});
      expectOAuthError(answer, 400, isOn ? 'invalid_grant' : 'unsupported_grant_type');
    } finally {
      await stack.stop();
    }
  });
});

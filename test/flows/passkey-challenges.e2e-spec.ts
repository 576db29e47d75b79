import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { newUserLike, type Owner } from '../support/administration.js';
import { ALICE, BOB, SHOP } from '../support/builders.js';
import { restoreClock, setClock } from '../support/clock.js';
import { describeEachDatabase, type TestDatabase } from '../support/databases.js';
import { expectActive, expectOAuthError, expectTokens } from '../support/expectations.js';
import { postForm } from '../support/http.js';
import {
  accountToken,
  addPasskey,
  beginPasskey,
  challengePasskey,
  enrolPasskey,
  ForgingAuthenticator,
  showPasskey,
  waitForPasskey,
  WITH_PASSKEYS,
  withPasskeys,
} from '../support/passkeys.js';
import { passwordOnly } from '../support/second-factors.js';
import { createServerDatabase } from '../support/server-databases.js';
import { startStack, type Stack } from '../support/stack.js';

describeEachDatabase('The challenge and the counter of a passkey', (dialect) => {
  let stack: Stack;
  let owner: Owner;
  let authenticator: ForgingAuthenticator;

  beforeAll(async () => {
    stack = await startStack(dialect, { environment: WITH_PASSKEYS, configuration: withPasskeys() });
  });

  beforeEach(async () => {
    owner = await newUserLike(stack, ALICE);
    authenticator = new ForgingAuthenticator();
    await enrolPasskey(stack, owner, (options) => authenticator.create(options));
  });

  afterEach(() => {
    setClock(stack, 0);
    restoreClock();
  });

  afterAll(() => stack.stop());

  const waiting = () => waitForPasskey(stack, owner);

  it('are of one login: the challenge is good once, for five minutes, and in its login', async () => {
    const { mfa_token: token } = await passwordOnly(stack, owner);
    const refused = async (credential: unknown) =>
      expectOAuthError(await showPasskey(stack, token, credential), 400, 'invalid_grant');
    const elsewhere = await waiting();
    await refused(authenticator.get(elsewhere.options));
    const replaced = await challengePasskey(stack, token);
    const spent = await challengePasskey(stack, token);
    await refused(authenticator.get(replaced));
    await refused(authenticator.get(spent));
    const late = await challengePasskey(stack, token);
    setClock(stack, 301);
    await refused(authenticator.get(late));
    expectTokens(await showPasskey(stack, token, authenticator.get(await challengePasskey(stack, token))));
    const over = await postForm(
      `${stack.issuer}/oauth/mfa/challenge`,
      { mfa_token: token, challenge_type: 'passkey' },
      SHOP,
    );
    expectOAuthError(over, 400, 'invalid_grant');
  });

  it.each([
    ['goes back', 7, 3],
    ['stays where it was', 7, 7],
    ['is gone', 7, 0],
  ])('are refused and audited when the counter %s', async (_, before, after) => {
    const first = await waiting();
    expectTokens(await first.show(authenticator.get(first.options, { counter: before })));
    const second = await waiting();
    const copied = authenticator.get(second.options, { counter: after });
    expectOAuthError(await second.show(copied), 400, 'invalid_grant');
    const [event] = await stack.database.query<{ detail: string }>(
      sql`SELECT detail FROM audit_events WHERE kind = 'login' AND outcome = 'failure' AND subject =
        (SELECT sub FROM users WHERE username = ${owner.username})`,
    );
    expect(JSON.parse(event?.detail ?? '{}')).toMatchObject({ reason: 'passkey counter went back' });
    const third = await waiting();
    expectTokens(await third.show(authenticator.get(third.options, { counter: 4_294_967_295 })));
  });

  it('end one login when several show the same counter at the same time', async () => {
    const logins = [await waiting(), await waiting(), await waiting()];
    const answers = await Promise.all(
      logins.map(({ options, show }) => show(authenticator.get(options, { counter: 5 }))),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });
});

describeEachDatabase('Passkeys of two servers', (dialect) => {
  let database: TestDatabase;
  let stack: Stack;
  let other: Stack | null;

  const start = (environment: Record<string, string> = WITH_PASSKEYS) =>
    startStack(dialect, {
      database,
      environment,
      configuration: withPasskeys({ access_token_format: 'opaque' }),
    });

  beforeEach(async () => {
    database = await createServerDatabase(dialect);
    stack = await start();
    other = null;
  });

  afterEach(async () => {
    await other?.stop();
    await stack.stop();
    await database.drop();
  });

  /** Another server on PostgreSQL, and the next one on SQLite, which has one server a file. */
  const next = async (): Promise<Stack> => {
    if (dialect === 'postgres') return (other = await start());
    await stack.stop();
    return (stack = await start());
  };

  it('sign on one what the other has asked for', async () => {
    const authenticator = new ForgingAuthenticator();
    const token = await accountToken(stack, BOB);
    const options = await beginPasskey(stack, token);
    const second = await next();
    const added = await addPasskey(second, token, authenticator.create(options));
    expect(added.status).toBe(201);
    const { mfa_token: handle } = await passwordOnly(second, BOB);
    const asked = await challengePasskey(second, handle);
    const last = dialect === 'postgres' ? stack : await next();
    const answer = await showPasskey(last, handle, authenticator.get(asked));
    const opaque = expectTokens(answer).access_token;
    expect(expectActive(await last.introspect(opaque))).toMatchObject({
      amr: ['pwd', 'hwk', 'user', 'mfa'],
      acr: 'urn:latchkey:acr:phr',
    });
  });

  it('are not asked for any longer where the host of the issuer has become an IP address', async () => {
    const authenticator = new ForgingAuthenticator();
    await enrolPasskey(stack, BOB, (options) => authenticator.create(options));
    const { token: handle, options } = await waitForPasskey(stack, BOB);
    await stack.stop();
    stack = await start({});
    const challenge = { mfa_token: handle, challenge_type: 'passkey' };
    const asked = await postForm(`${stack.issuer}/oauth/mfa/challenge`, challenge, SHOP);
    expectOAuthError(asked, 403, 'access_denied');
    const shown = await showPasskey(stack, handle, authenticator.get(options));
    expectOAuthError(shown, 400, 'unsupported_grant_type');
    const { mfa_requirements: requirements } = await passwordOnly(stack, BOB);
    expect(requirements).toEqual({ challenge: [{ type: 'recovery-code' }] });
    const phr = await stack.login(BOB, { acr_values: 'urn:latchkey:acr:phr' });
    expectOAuthError(phr, 400, 'unmet_authentication_requirements');
  });
});

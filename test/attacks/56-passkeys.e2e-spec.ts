import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { newUserLike, type Owner } from '../support/administration.js';
import { ALICE, BOB, SHOP } from '../support/builders.js';
import { restoreClock, setClock } from '../support/clock.js';
import { describeEachDatabase } from '../support/databases.js';
import {
  expectBearerChallenge,
  expectOAuthError,
  expectSameAnswer,
  expectTokens,
} from '../support/expectations.js';
import { FREE_ATTEMPTS, STRICT } from '../support/guessing.js';
import { postForm, type Answer } from '../support/http.js';
import {
  accountToken,
  addPasskey,
  beginPasskey,
  challengePasskey,
  enrolPasskey,
  FLAGS,
  ForgingAuthenticator,
  showPasskey,
  WITH_PASSKEYS,
  withPasskeys,
  type Credential,
  type Forgery,
  type RequestOptions,
} from '../support/passkeys.js';
import { account, Authenticator, otp, passwordOnly } from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';

const PRESENT_AND_VERIFIED = FLAGS.present + FLAGS.verified;
const EXTENSIONS = 128;

/** Base64url of it is as long as a request may be. */
const HUGE = 45_000;

/** A byte string that is said to be longer than it is, and arrays in arrays. */
const TRUNCATED_CBOR = Buffer.concat([Buffer.from([0x5a, 0x7f, 0xff, 0xff, 0xff]), Buffer.alloc(HUGE)]);
const DEEP_CBOR = Buffer.alloc(HUGE, 0x81);
/** An extension that nothing is wrong with: a name and 10,000 bytes. */
const LONG_CBOR = Buffer.concat([Buffer.from('a16178592710', 'hex'), Buffer.alloc(10_000)]);

/** What an assertion of the right passkey is turned into. */
const FORGERIES: [string, Forgery][] = [
  ['of a page that is not ours', { origin: 'https://shop.example.com.evil.example' }],
  ['of a page of ours that asks for no passkeys', { origin: 'https://login.example.com' }],
  ['in a frame of another page', { crossOrigin: true }],
  ['for another relying party', { rpId: 'login.example.com' }],
  ['with a challenge of its own', { challenge: 'A'.repeat(43) }],
  ['that is a registration', { type: 'webauthn.create' }],
  ['without user verification', { flags: FLAGS.present }],
  ['without a user', { flags: FLAGS.verified }],
  ['that may be copied all of a sudden', { flags: PRESENT_AND_VERIFIED + FLAGS.backupEligible }],
  ['with the handle of another user', { userHandle: Buffer.alloc(32, 1).toString('base64url') }],
  ['with truncated CBOR', { flags: PRESENT_AND_VERIFIED + EXTENSIONS, appended: TRUNCATED_CBOR }],
  ['with long CBOR', { flags: PRESENT_AND_VERIFIED + EXTENSIONS, appended: LONG_CBOR }],
  ['with deep CBOR', { flags: PRESENT_AND_VERIFIED + EXTENSIONS, appended: DEEP_CBOR }],
  ['with data behind the end', { appended: Buffer.alloc(HUGE) }],
];

/** What is no assertion at all, as the text of the parameter. */
const TEXTS: [string, (good: Credential) => string][] = [
  ['text', () => 'passkey'],
  ['null', () => 'null'],
  ['a number', () => '1'],
  ['an array', (good) => JSON.stringify([good])],
  ['an empty object', () => '{}'],
  ['an object with the id alone', ({ id }) => JSON.stringify({ id })],
  ['members of other types', ({ id }) => JSON.stringify({ id, rawId: id, type: 1, response: [[]] })],
  ['an id that is an array', (good) => JSON.stringify({ ...good, id: [good.id], rawId: [good.id] })],
  ['client data that is null', (good) => withResponse(good, { clientDataJSON: encoded('null') })],
  ['client data that is no text', (good) => withResponse(good, { clientDataJSON: { length: 5 } })],
  ['a signature that is an array', (good) => withResponse(good, { signature: [] })],
  ['a signature of nothing', (good) => withResponse(good, { signature: '' })],
  ['deep JSON', () => `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
  ['deep client data', (good) => withResponse(good, { clientDataJSON: encoded('['.repeat(40_000)) })],
  [
    'huge JSON',
    (good) => JSON.stringify({ ...good, clientExtensionResults: 'x'.repeat(60_000) }).slice(0, -1),
  ],
  ['a prototype', (good) => JSON.stringify(good).replace('"response"', '"__proto__"')],
];

function withResponse(good: Credential, changes: Record<string, unknown>): string {
  return JSON.stringify({ ...good, response: { ...good.response, ...changes } });
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** The attacker has the password. */
describeEachDatabase('A passkey holds', (dialect) => {
  let stack: Stack;
  let owner: Owner;
  let passkey: ForgingAuthenticator;
  let token: string;
  let options: RequestOptions;

  beforeAll(async () => {
    stack = await startStack(dialect, {
      environment: { ...WITH_PASSKEYS, ...STRICT.environment },
      configuration: withPasskeys(),
    });
  });

  beforeEach(async () => {
    owner = await newUserLike(stack, ALICE);
    passkey = new ForgingAuthenticator();
    await enrolPasskey(stack, owner, (creation) => passkey.create(creation));
    ({ mfa_token: token } = await passwordOnly(stack, owner));
    options = await challengePasskey(stack, token);
  });

  afterEach(() => {
    setClock(stack, 0);
    restoreClock();
  });

  afterAll(() => stack.stop());

  /** How many proofs of the owner were judged, and refused. */
  const judged = async (): Promise<number> => {
    const [row] = await stack.database.query<{ count: number | null }>(sql`
      SELECT sum(count) AS count FROM audit_events WHERE kind = 'login' AND detail LIKE ${'%passkey%'}
        AND subject = (SELECT sub FROM users WHERE username = ${owner.username})`);
    return Number(row?.count ?? 0);
  };

  const expectRefused = async (answer: Answer): Promise<void> => {
    expectOAuthError(answer, 400, 'invalid_grant');
    const plain = await showPasskey(stack, token, '{}');
    expectSameAnswer(plain, answer);
    expect(await judged()).toBe(2);
  };

  it.each(FORGERIES)('against an assertion %s', async (_, forgery) => {
    await expectRefused(await showPasskey(stack, token, passkey.get(options, forgery)));
  });

  it.each(TEXTS)('against %s in place of an assertion', async (_, text) => {
    await expectRefused(await showPasskey(stack, token, text(passkey.get(options))));
  });

  it('against an assertion that was refused, or seen, and is shown once more', async () => {
    const first = passkey.get(options);
    const altered = { ...first, response: { ...first.response, signature: 'AAAA' } };
    expectOAuthError(await showPasskey(stack, token, altered), 400, 'invalid_grant');
    // Its challenge is spent.
    expectOAuthError(await showPasskey(stack, token, first), 400, 'invalid_grant');
    const good = passkey.get(await challengePasskey(stack, token));
    expectTokens(await showPasskey(stack, token, good));
    const { mfa_token: next } = await passwordOnly(stack, owner);
    expectOAuthError(await showPasskey(stack, next, good), 400, 'invalid_grant');
    await challengePasskey(stack, next);
    expectOAuthError(await showPasskey(stack, next, good), 400, 'invalid_grant');
  });

  it('against an assertion that is kept for later', async () => {
    const kept = passkey.get(options);
    setClock(stack, 301);
    await expectRefused(await showPasskey(stack, token, kept));
  });

  it('against the passkey of another user', async () => {
    const mallory = await newUserLike(stack, BOB);
    const theirs = new ForgingAuthenticator();
    await enrolPasskey(stack, mallory, (creation) => theirs.create(creation));
    await expectRefused(await showPasskey(stack, token, theirs.get(options)));
  });

  it('against a copy of the key, once the owner has used it', async () => {
    expectTokens(await showPasskey(stack, token, passkey.get(options, { counter: 20 })));
    const { mfa_token: next } = await passwordOnly(stack, owner);
    const copied = passkey.get(await challengePasskey(stack, next), { counter: 20 });
    expectOAuthError(await showPasskey(stack, next, copied), 400, 'invalid_grant');
  });

  it('against attempts at the same time, whose count stands', async () => {
    const attempts = Array.from({ length: 4 * FREE_ATTEMPTS }, (_, index) =>
      showPasskey(
        stack,
        token,
        index % 2 === 0 ? 'null' : passkey.get(options, { origin: 'https://evil.example' }),
      ),
    );
    for (const answer of await Promise.all(attempts)) expectOAuthError(answer, 400, 'invalid_grant');
    expect(await judged()).toBeLessThanOrEqual(FREE_ATTEMPTS);
    const right = passkey.get(await challengePasskey(stack, token));
    expectOAuthError(await showPasskey(stack, token, right), 400, 'invalid_grant');
  });

  it('against a secret for codes that was begun with the password before the passkey was there', async () => {
    const late = await newUserLike(stack, BOB);
    const strict = { scope: 'account', acr_values: 'urn:latchkey:acr:mfa' };
    const begun = (await stack.login(late, strict)).json as { mfa_token: string };
    const associate = (handle: string) =>
      postForm(`${stack.issuer}/oauth/mfa/associate`, { mfa_token: handle }, SHOP);
    const { json } = await associate(begun.mfa_token);
    const attacker = new Authenticator((json as { secret: string }).secret);
    await enrolPasskey(stack, late, (creation) => new ForgingAuthenticator().create(creation));
    expectOAuthError(await otp(stack, begun.mfa_token, attacker.code()), 400, 'invalid_grant');
    const { mfa_token: next } = await passwordOnly(stack, late);
    expectOAuthError(await otp(stack, next, attacker.code()), 400, 'invalid_grant');
    expectOAuthError(await associate(next), 403, 'access_denied');
    expectOAuthError(await stack.login(late, { totp: attacker.code() }), 400, 'invalid_grant');
  });

  it('against a token of the password alone, which adds no other passkey', async () => {
    const late = await newUserLike(stack, BOB);
    const weak = await accountToken(stack, late);
    const begun = await beginPasskey(stack, weak);
    await enrolPasskey(stack, late, (creation) => new ForgingAuthenticator().create(creation));
    for (const answer of [
      await account(stack, 'POST', '/passkeys/options', weak),
      await addPasskey(stack, weak, new ForgingAuthenticator().create(begun)),
    ]) {
      expectBearerChallenge(answer, 401, 'insufficient_user_authentication');
    }
  });

  it.each([
    ['null', null],
    ['a number', 1],
    ['an array', []],
    ['text', 'credential'],
    ['an empty object', {}],
    [
      'truncated CBOR',
      {
        response: { clientDataJSON: encoded('{}'), attestationObject: TRUNCATED_CBOR.toString('base64url') },
      },
    ],
    [
      'deep CBOR',
      { response: { clientDataJSON: encoded('{}'), attestationObject: DEEP_CBOR.toString('base64url') } },
    ],
  ])('against %s in place of a new passkey', async (_, credential) => {
    const late = await newUserLike(stack, BOB);
    const weak = await accountToken(stack, late);
    await beginPasskey(stack, weak);
    const answer = await addPasskey(stack, weak, credential);
    expect([400, 403]).toContain(answer.status);
    expect(answer.text).toMatch(/"error":"(invalid_request|access_denied)"/);
    expectTokens(await stack.login(late));
  });
});

import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { newId } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { PasskeyRepository } from '../../apps/authorization-server/src/second-factors/passkey-repository.js';
import { newUserLike, type Owner } from '../support/administration.js';
import { ALICE, BOB } from '../support/builders.js';
import { restoreClock, setClock } from '../support/clock.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectBearerChallenge, expectOAuthError } from '../support/expectations.js';
import { account, enrol, passwordOnly, withAccounts } from '../support/second-factors.js';
import {
  aBrowser,
  accountToken,
  addPasskey,
  ANDROID,
  beginPasskey,
  enrolPasskey,
  FLAGS,
  ForgingAuthenticator,
  ORIGIN,
  RP_ID,
  WITH_PASSKEYS,
  withPasskeys,
  type CreationOptions,
} from '../support/passkeys.js';
import { startStack, type Stack } from '../support/stack.js';

describeEachDatabase('Passkeys under /account', (dialect) => {
  let stack: Stack;
  let owner: Owner;
  let token: string;

  beforeAll(async () => {
    stack = await startStack(dialect, { environment: WITH_PASSKEYS, configuration: withPasskeys() });
  });

  beforeEach(async () => {
    owner = await newUserLike(stack, ALICE);
    token = await accountToken(stack, owner);
  });

  afterEach(() => {
    setClock(stack, 0);
    restoreClock();
  });

  afterAll(() => stack.stop());

  const factors = async () => (await account(stack, 'GET', '/factors', token)).json;

  it('are made for the relying party, with user verification, and say nothing of the user', async () => {
    const { json } = await account(stack, 'POST', '/passkeys/options', token);
    expect(json).toEqual({
      public_key: {
        rp: { id: RP_ID, name: RP_ID },
        user: { id: expect.stringMatching(/^[\w-]{43}$/), name: owner.username, displayName: owner.username },
        challenge: expect.stringMatching(/^[\w-]{43}$/),
        pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })),
        timeout: 300_000,
        excludeCredentials: [],
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        attestation: 'none',
      },
    });
    const other = await beginPasskey(stack, token);
    expect(other.challenge).not.toBe((json as { public_key: CreationOptions }).public_key.challenge);
  });

  it.each(['ES256', 'EdDSA', 'RS256'] as const)(
    'are asked for once they are added: %s',
    async (algorithm) => {
      const browser = aBrowser({ algorithmIdentifiers: [algorithm] });
      const id = await enrolPasskey(stack, owner, (options) => browser.createJSON(ORIGIN, options as never));
      expect(await factors()).toEqual({
        data: [
          {
            id,
            type: 'passkey',
            state: 'active',
            created_at: expect.any(String),
            last_used_at: null,
            backed_up: true,
          },
        ],
        recovery_codes: 0,
        types_supported: ['totp'],
      });
      expect((await passwordOnly(stack, owner)).error).toBe('mfa_required');
    },
  );

  it('are added from an application on Android, and by what never leaves a device', async () => {
    const authenticator = new ForgingAuthenticator();
    await enrolPasskey(stack, owner, (options) => authenticator.create(options, { origin: ANDROID }));
    expect(await factors()).toMatchObject({ data: [{ type: 'passkey', backed_up: false }] });
    const [row] = await stack.database.query<{ transports: string }>(
      sql`SELECT transports FROM passkeys WHERE credential_id = ${Buffer.from(authenticator.id, 'base64url')}`,
    );
    expect(row?.transports).toBe('usb');
    const { json } = await account(stack, 'GET', '/factors', token);
    expect(JSON.stringify(json)).not.toContain(authenticator.id);
  });

  it('are audited, and not removed by a token of the password alone', async () => {
    const authenticator = new ForgingAuthenticator();
    const options = await beginPasskey(stack, token);
    const { json } = await addPasskey(stack, token, authenticator.create(options));
    const path = `/factors/${(json as { id: string }).id}`;
    const refused = await account(stack, 'DELETE', path, token);
    expectBearerChallenge(refused, 401, 'insufficient_user_authentication');
    expect(String(refused.headers['www-authenticate'])).toContain(
      'urn:latchkey:acr:mfa urn:latchkey:acr:phr',
    );
    const [event] = await stack.database.query<{ detail: string }>(
      sql`SELECT detail FROM audit_events WHERE kind = 'second_factor_added' AND actor =
        (SELECT sub FROM users WHERE username = ${owner.username})`,
    );
    expect(JSON.parse(event?.detail ?? '')).toEqual({ type: 'passkey', backed_up: false });
  });

  it('are removed like other factors: by their owner, and the last one takes the recovery codes along', async () => {
    const authenticator = await enrol(stack, owner);
    token = await accountToken(stack, owner, { totp: authenticator.code() });
    const passkey = new ForgingAuthenticator();
    await addPasskey(stack, token, passkey.create(await beginPasskey(stack, token)));
    expect((await beginPasskey(stack, token)).excludeCredentials).toEqual([
      { type: 'public-key', id: passkey.id, transports: ['usb'] },
    ]);
    await account(stack, 'POST', '/recovery-codes', token);
    const { data } = (await factors()) as { data: { id: string; type: string }[] };
    expect(data.map(({ type }) => type)).toEqual(['totp', 'passkey']);
    const [totp, last] = data.map(({ id }) => id);
    expect((await account(stack, 'DELETE', `/factors/${totp}`, token)).status).toBe(204);
    expect(await factors()).toMatchObject({ data: [{ id: last }], recovery_codes: 10 });
    const others = await accountToken(stack, BOB);
    expect((await account(stack, 'DELETE', `/factors/${last}`, others)).status).toBe(404);
    expect((await account(stack, 'DELETE', `/factors/${last}`, token)).status).toBe(204);
    expect(await factors()).toEqual({ data: [], recovery_codes: 0, types_supported: ['totp'] });
    await accountToken(stack, owner);
  });

  it('sign a challenge that is good once, for five minutes, and for its user', async () => {
    const passkey = new ForgingAuthenticator();
    const refused = async (credential: unknown, mine = token) =>
      expectOAuthError(await addPasskey(stack, mine, credential), 403, 'access_denied');
    // None was asked for.
    await refused(passkey.create({ challenge: 'A'.repeat(43), rp: { id: RP_ID } } as CreationOptions));
    const replaced = await beginPasskey(stack, token);
    const spent = await beginPasskey(stack, token);
    await refused(passkey.create(replaced));
    await refused(passkey.create(spent));
    const foreign = await beginPasskey(stack, await accountToken(stack, BOB));
    await beginPasskey(stack, token);
    await refused(passkey.create(foreign));
    const late = await beginPasskey(stack, token);
    setClock(stack, 290);
    const fresh = await accountToken(stack, owner);
    setClock(stack, 301);
    await refused(passkey.create(late), fresh);
    const good = await addPasskey(stack, fresh, passkey.create(await beginPasskey(stack, fresh)));
    expect(good.status).toBe(201);
  });

  it('belong to one user', async () => {
    const passkey = new ForgingAuthenticator();
    await enrolPasskey(stack, owner, (options) => passkey.create(options));
    const bobs = await accountToken(stack, await newUserLike(stack, BOB));
    const again = await addPasskey(stack, bobs, passkey.create(await beginPasskey(stack, bobs)));
    expectOAuthError(again, 403, 'access_denied');
  });

  it('are ten at most, together with other factors', async () => {
    await account(stack, 'POST', '/factors', token, { type: 'totp' });
    const options = await beginPasskey(stack, token);
    const [user] = await stack.database.query<{ key: number }>(
      sql`SELECT key FROM users WHERE username = ${owner.username}`,
    );
    const row = {
      publicKey: Buffer.alloc(1),
      signCount: 0,
      backupEligible: false,
      backedUp: false,
      transports: '',
    };
    await stack.database.transaction(async (tx) => {
      for (let index = 0; index < 9; index++) {
        const passkey = { ...row, id: newId(), userKey: Number(user?.key), credentialId: randomBytes(16) };
        await stack.application.get(PasskeyRepository).insert(tx, passkey);
      }
    });
    for (const answer of [
      await account(stack, 'POST', '/passkeys/options', token),
      await addPasskey(stack, token, new ForgingAuthenticator().create(options)),
    ]) {
      expectOAuthError(answer, 400, 'invalid_request');
      expect(answer.text).toContain('too many');
    }
  });

  it.each([
    ['of another origin', { origin: 'https://shop.example.com.evil.example' }],
    ['of a page below the relying party that is not configured', { origin: 'https://login.example.com' }],
    ['in a frame of another origin', { crossOrigin: true }],
    ['for another relying party', { rpId: 'login.example.com' }],
    ['that is an assertion', { type: 'webauthn.get' }],
    ['without user verification', { flags: FLAGS.present }],
    ['without a user', { flags: FLAGS.verified }],
    [
      'with backup flags that contradict each other',
      { flags: FLAGS.present + FLAGS.verified + FLAGS.backedUp },
    ],
    ['with bytes that belong to nothing', { appended: Buffer.from('left over') }],
    [
      'with an attestation by certificate',
      { attestation: { fmt: 'packed', attStmt: new Map<string, unknown>([['x5c', []]]) } },
    ],
    ['with an attestation of another kind', { attestation: { fmt: 'fido-u2f', attStmt: new Map() } }],
  ])('are refused: %s', async (_, forgery) => {
    const options = await beginPasskey(stack, token);
    const answer = await addPasskey(stack, token, new ForgingAuthenticator().create(options, forgery));
    expectOAuthError(answer, 403, 'access_denied');
    expect(await factors()).toEqual({ data: [], recovery_codes: 0, types_supported: ['totp'] });
  });
});

describeEachDatabase('A server whose issuer has no domain name', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect, { configuration: withAccounts() });
  });

  afterAll(() => stack.stop());

  it('has no passkeys, and says why', async () => {
    const token = await accountToken(stack, ALICE);
    for (const answer of [
      await account(stack, 'POST', '/passkeys/options', token),
      await addPasskey(stack, token, {}),
    ]) {
      expectOAuthError(answer, 400, 'invalid_request');
      expect(answer.text).toContain('domain name');
    }
  });
});

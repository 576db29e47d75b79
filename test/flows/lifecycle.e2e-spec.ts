import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { GRANT_TYPES, ScopeSet } from '@latchkey/contracts';
import { ALICE, BOB } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import type { Credentials } from '../support/http.js';
import {
  administerClient,
  newClient,
  newUserLike,
  administerUser,
  type Owner,
} from '../support/administration.js';
import { authorizationOf, expectSession, isActive, type Session } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const NEW_PASSWORD = 'new correct horse battery staple';
const NEW_SECRET = 'another-shop-secret-0123456789abcdef';

describeEachDatabase('What ends a session at once', (dialect) => {
  let stack: Stack;
  let owner: Owner;
  let shop: Credentials;
  let other: Credentials;
  /** Of the owner at the shop, of the owner at another client (with opaque tokens), of bob at the shop. */
  let session: Session;
  let elsewhere: Session;
  let bobs: Session;

  const user = () => administerUser(stack, owner.username);
  const client = () => administerClient(stack, shop.clientId);
  const login = async (who: Owner = owner, at = shop) => expectSession(await stack.login(who, {}, at));

  const expectDead = async (dead: Session, at = shop) => {
    expect((await stack.introspect(dead.access_token)).json).toEqual({ active: false });
    expectOAuthError(await stack.refresh(dead.refresh_token, {}, at), 400, 'invalid_grant');
  };

  const expectAlive = async (alive: Session, at = shop) => {
    expect(await isActive(stack, alive)).toBe(true);
    expectSession(await stack.refresh(alive.refresh_token, {}, at));
  };

  beforeAll(async () => {
    stack = await startStack(dialect);
  });

  beforeEach(async () => {
    owner = await newUserLike(stack, ALICE);
    shop = await newClient(stack);
    other = await newClient(stack, { accessTokenFormat: 'opaque' });
    session = await login();
    elsewhere = await login(owner, other);
    bobs = await login(BOB);
    for (const each of [session, elsewhere, bobs]) expect(await isActive(stack, each)).toBe(true);
  });

  afterAll(() => stack.stop());

  describe('done to the user', () => {
    afterEach(() => expectAlive(bobs));

    it('disabling; enabling does not revive it, and a fresh login works', async () => {
      await user().disable();
      await expectDead(session);
      await expectDead(elsewhere, other);
      expectOAuthError(await stack.login(owner, {}, shop), 400, 'invalid_grant');

      await user().enable();
      await expectDead(session);
      await expectDead(elsewhere, other);
      await expectAlive(await login());
    });

    it('deletion, in every client', async () => {
      await user().delete();
      await expectDead(session);
      await expectDead(elsewhere, other);
      expectOAuthError(await stack.login(owner, {}, shop), 400, 'invalid_grant');
    });

    it('a new password; the new one works and the old one does not', async () => {
      await user().changePassword(NEW_PASSWORD);
      await expectDead(session);
      await expectDead(elsewhere, other);
      expectOAuthError(await stack.login(owner, {}, shop), 400, 'invalid_grant');
      await expectAlive(await login({ ...owner, password: NEW_PASSWORD }));
    });
  });

  describe('done to the client', () => {
    afterEach(async () => {
      expect(await isActive(stack, elsewhere)).toBe(true);
      await expectAlive(elsewhere, other);
    });

    it('disabling; enabling does not revive it, and a fresh login works', async () => {
      await client().disable();
      expect(await isActive(stack, session)).toBe(false);
      expectOAuthError(await stack.refresh(session.refresh_token, {}, shop), 401, 'invalid_client');
      expectOAuthError(await stack.login(owner, {}, shop), 401, 'invalid_client');

      await client().enable();
      await expectDead(session);
      await expectAlive(await login());
    });

    it('deletion', async () => {
      await client().delete();
      expect(await isActive(stack, session)).toBe(false);
      expectOAuthError(await stack.refresh(session.refresh_token, {}, shop), 401, 'invalid_client');
    });

    it.each(['password', 'refresh_token'] as const)('taking away the grant %s', async (removed) => {
      await client().update(() => ({
        grantTypes: GRANT_TYPES.filter((grantType) => grantType !== removed),
        ...(removed === 'refresh_token' && { refreshTokenPolicy: 'none' as const }),
      }));
      expect(await isActive(stack, session)).toBe(false);
      const refused = await stack.refresh(session.refresh_token, {}, shop);
      const expected = removed === 'refresh_token' ? 'unauthorized_client' : 'invalid_grant';
      expectOAuthError(refused, 400, expected);
    });

    it('a new secret, which ends what holders of the old one have', async () => {
      await client().replaceSecret(NEW_SECRET);
      const renewed = { ...shop, secret: NEW_SECRET };
      expectOAuthError(await stack.refresh(session.refresh_token, {}, shop), 401, 'invalid_client');
      expect(await isActive(stack, session)).toBe(false);
      expectOAuthError(await stack.refresh(session.refresh_token, {}, renewed), 400, 'invalid_grant');
      await login(owner, renewed);
    });

    it('taking away its whole scope', async () => {
      await client().update(() => ({ scope: ScopeSet.EMPTY, defaultScope: null }));
      await expectDead(session);
    });
  });

  it('narrows a session at once when the client loses a part of the scope', async () => {
    const scope = ScopeSet.parse('resources:read');
    await client().update(() => ({ scope, defaultScope: scope }));
    expect((await stack.introspect(session.access_token)).json).toMatchObject({ scope: 'resources:read' });
    expect(expectTokens(await stack.refresh(session.refresh_token, {}, shop)).scope).toBe('resources:read');
    await expectAlive(elsewhere, other);
  });

  it('refreshes no longer when the client gets the policy none', async () => {
    await client().update(() => ({ refreshTokenPolicy: 'none' }));
    expectOAuthError(await stack.refresh(session.refresh_token, {}, shop), 400, 'invalid_grant');
    expect(await authorizationOf(stack, session)).toMatchObject({ generation: 0 });
  });

  it('does not come back when a deleted client is registered again under its name', async () => {
    const registration = await client().registration();
    await client().delete();
    await client().register(registration, shop.secret);
    await expectDead(session);
    await expectAlive(await login());
  });
});

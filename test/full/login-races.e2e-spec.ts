import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import type { Credentials } from '../support/http.js';
import {
  administerClient,
  newClient,
  newUserLike,
  administerUser,
  type Owner,
} from '../support/administration.js';
import { duringNextVerification } from '../support/races.js';
import { expectSession, isActive } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const NEW_PASSWORD = 'new correct horse battery staple';
const NEW_SECRET = 'another-shop-secret-0123456789abcdef';

interface Parties {
  user: ReturnType<typeof administerUser>;
  client: ReturnType<typeof administerClient>;
  loseGrant(): Promise<void>;
}

/** What may happen while a password is being verified, and the secret that the client has afterwards. */
const CHANGES: [string, (parties: Parties) => Promise<unknown>, string?][] = [
  ['the user is disabled', ({ user }) => user.disable()],
  ['the user is disabled and enabled again', ({ user }) => user.disable().then(() => user.enable())],
  ['the user is deleted', ({ user }) => user.delete()],
  ['the password changes', ({ user }) => user.changePassword(NEW_PASSWORD)],
  ['the client is disabled', ({ client }) => client.disable()],
  ['the client is disabled and enabled again', ({ client }) => client.disable().then(() => client.enable())],
  ['the client is deleted', ({ client }) => client.delete()],
  ['the client loses the password grant', (parties) => parties.loseGrant()],
  ['the secret is replaced', ({ client }) => client.replaceSecret(NEW_SECRET), NEW_SECRET],
];

describeEachDatabase('While a password is being verified', (dialect) => {
  let stack: Stack;
  let owner: Owner;
  let shop: Credentials;
  let parties: Parties;

  beforeAll(async () => {
    stack = await startStack(dialect, { realHashes: true });
  });

  beforeEach(async () => {
    owner = await newUserLike(stack, ALICE);
    shop = await newClient(stack);
    parties = {
      user: administerUser(stack, owner.username),
      client: administerClient(stack, shop.clientId),
      loseGrant: () =>
        administerClient(stack, shop.clientId).update(() => ({ grantTypes: ['refresh_token'] })),
    };
  });

  afterAll(() => stack.stop());

  it.each(CHANGES)('%s: the login fails or is born dead', async (_, change, secret = shop.secret) => {
    let changed = false;
    duringNextVerification(stack, async () => {
      await change(parties);
      changed = true;
    });
    const answer = await stack.login(owner, {}, shop);
    expect(changed).toBe(true);
    if (answer.status !== 200) {
      expectOAuthError(answer, 400, 'invalid_grant');
      return;
    }
    const session = expectSession(answer);
    expect(await isActive(stack, session)).toBe(false);
    const refused = await stack.refresh(session.refresh_token, {}, { ...shop, secret });
    expect([400, 401]).toContain(refused.status);
    expect(await isActive(stack, session)).toBe(false);
  });

  it('a password change beside many logins: whatever began with the old password is dead', async () => {
    // The first to be verified is held back until the change is done; the others wait behind it or come later.
    duringNextVerification(stack, () => parties.user.changePassword(NEW_PASSWORD));
    const logins = Array.from({ length: 12 }, () => stack.login(owner, {}, shop));
    let verified = 0;
    for (const answer of await Promise.all(logins)) {
      if (answer.status !== 200) {
        expectOAuthError(answer, 400, 'invalid_grant');
        continue;
      }
      verified++;
      const session = expectSession(answer);
      expect(await isActive(stack, session)).toBe(false);
      expectOAuthError(await stack.refresh(session.refresh_token, {}, shop), 400, 'invalid_grant');
    }
    expect(verified).toBeGreaterThan(0);
    const fresh = expectSession(await stack.login({ ...owner, password: NEW_PASSWORD }, {}, shop));
    expect(await isActive(stack, fresh)).toBe(true);
  });
});

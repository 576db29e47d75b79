import { afterAll, beforeAll, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { PasswordHasher } from '../../apps/authorization-server/src/passwords/password-hasher.js';
import { PasswordUpgrades } from '../../apps/authorization-server/src/users/password-upgrades.js';
import { StoredHashCosts } from '../../apps/authorization-server/src/users/stored-hash-costs.js';
import { administerUser } from '../support/administration.js';
import { aConfiguration } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { LEGACY_HASHES } from '../support/legacy-hashes.js';
import { expectSession, isActive } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const PASSWORD = 'a password of the old system, größer';
/** Its password is "password", and it is weaker than what the server makes. */
const WEAK_ARGON2ID = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';

describeEachDatabase('Users of another system keep their passwords', (dialect) => {
  let stack: Stack;

  const stored = async (username: string) => {
    const [row] = await stack.database.query<{ sub: string; password_hash: string; epoch: number }>(
      sql`SELECT sub, password_hash, epoch FROM users WHERE username = ${username}`,
    );
    if (row === undefined) throw new Error(`There is no ${username}`);
    return row;
  };

  const upgrades = () => stack.application.get(PasswordUpgrades).settled();

  beforeAll(async () => {
    const users = Object.entries(LEGACY_HASHES).map(([username, hash]) => ({
      username,
      password_hash: hash(PASSWORD),
    }));
    const raced = { username: 'raced', password_hash: LEGACY_HASHES['bcrypt-2b']?.(PASSWORD) };
    const weak = { username: 'weak', password_hash: WEAK_ARGON2ID };
    stack = await startStack(dialect, {
      realHashes: true,
      configuration: aConfiguration({ users: [...users, raced, weak] }),
    });
  });

  afterAll(() => stack.stop());

  it.each<[string, string]>([
    ...Object.keys(LEGACY_HASHES).map((name): [string, string] => [name, PASSWORD]),
    ['weak', 'password'],
  ])(
    '%s: right and wrong passwords are told apart, and the first right one is hashed anew',
    async (username, password) => {
      const before = await stored(username);
      const wrong = await stack.login({ username, password: `${password} ` });
      expectOAuthError(wrong, 400, 'invalid_grant');
      await upgrades();
      expect(await stored(username)).toEqual(before);

      const session = expectSession(await stack.login({ username, password }));
      await upgrades();
      const after = await stored(username);
      expect(after).toEqual({
        ...before,
        password_hash: expect.stringMatching(/^\$argon2id\$v=19\$m=19456,/),
      });

      expect(await isActive(stack, session)).toBe(true);
      expectTokens(await stack.refresh(session.refresh_token));
      expectTokens(await stack.login({ username, password }));
      await upgrades();
      expect(await stored(username)).toEqual(after);
    },
  );

  it('a password that was changed while the old one was hashed anew stays changed', async () => {
    const hasher = stack.application.get(PasswordHasher);
    const hash = hasher.hash.bind(hasher);
    hasher.hash = async (password) => {
      hasher.hash = hash;
      const upgraded = await hash(password);
      await administerUser(stack, 'raced').setPasswordHash(await hash('the new password'));
      return upgraded;
    };
    expectTokens(await stack.login({ username: 'raced', password: PASSWORD }));
    await upgrades();
    expectOAuthError(await stack.login({ username: 'raced', password: PASSWORD }), 400, 'invalid_grant');
    expectTokens(await stack.login({ username: 'raced', password: 'the new password' }));
  });

  it('the server knows the costs that are in use, and no longer those that are not', async () => {
    const hasher = stack.application.get(PasswordHasher);
    const user = administerUser(stack, 'raced');
    const slow = '$scrypt$ln=13,r=8,p=1$c29tZXNhbHRzb21l$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ';
    expect(hasher.knows('$scrypt$ln=13,r=8,p=1')).toBe(false);
    await user.setPasswordHash(slow);
    await stack.application.get(StoredHashCosts).refresh();
    expect(hasher.knows('$scrypt$ln=13,r=8,p=1')).toBe(true);
    await user.setPasswordHash(WEAK_ARGON2ID);
    await stack.application.get(StoredHashCosts).refresh();
    expect(hasher.knows('$scrypt$ln=13,r=8,p=1')).toBe(false);
    expect(hasher.knows('$argon2id$v=19$m=256,t=2,p=1')).toBe(true);
  });
});

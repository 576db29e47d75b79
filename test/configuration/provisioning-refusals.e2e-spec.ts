import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { aClient, aConfiguration, aUser, type Configuration } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { Installation } from '../support/installation.js';
import { refusalsOf } from '../support/refusals.js';
import type { Stack } from '../support/stack.js';

const SECRET = 'canary-secret-0123456789abcdefghijkl';

async function problemsOf(start: Promise<Stack>): Promise<readonly string[]> {
  const problems = await refusalsOf(start);
  expect(problems.join()).not.toContain(SECRET);
  return problems;
}

const named = (overrides: Record<string, unknown>) =>
  aClient({ client_id: 'new-client', client_secret: SECRET, ...overrides });

const PROBLEMS: [string, Partial<Configuration>, string][] = [
  ['a scope that does not exist', { clients: [named({ scope: 'nothing' })] }, 'clients[0].scope'],
  [
    'a default scope beyond the scope',
    { clients: [named({ scope: 'resources:read' })] },
    'clients[0].default_scope',
  ],
  ['grant types without an audience', { clients: [named({ audience: undefined })] }, 'clients[0].audience'],
  [
    'a public client with the password grant',
    { clients: [named({ client_type: 'public', client_secret: undefined })] },
    'clients[0].grant_types',
  ],
  [
    'a public client with a secret',
    { clients: [named({ client_type: 'public', grant_types: ['refresh_token'] })] },
    'clients[0].client_secret',
  ],
  [
    'a public client that introspects',
    {
      clients: [
        named({
          client_type: 'public',
          grant_types: [],
          refresh_token_policy: 'none',
          client_secret: undefined,
          may_introspect: true,
        }),
      ],
    },
    'clients[0].may_introspect',
  ],
  [
    'a confidential client without a secret',
    { clients: [named({ client_secret: undefined })] },
    'clients[0].client_secret',
  ],
  [
    'a policy without the grant',
    { clients: [named({ grant_types: ['password'], refresh_token_policy: 'unlimited' })] },
    'clients[0].refresh_token_policy',
  ],
  [
    'the policy limited without a number',
    { clients: [named({ refresh_token_policy: 'limited' })] },
    'clients[0].refresh_token_max_uses',
  ],
  ['a reserved scope', { scopes: [{ name: 'admin:everything' }] }, 'scopes[0].name'],
  ['a new user without a password', { users: [{ username: 'carol' }] }, 'users[0].password'],
  ['a user name that nobody can have', { users: [aUser({ username: 'a b' })] }, 'users[0].username'],
  [
    'a password hash of an unknown kind',
    { users: [{ username: 'carol', password_hash: '$1$abc$def' }] },
    'users[0].password_hash',
  ],
  [
    'both a password and a hash',
    { users: [aUser({ username: 'carol', password_hash: '$argon2id$x' })] },
    'users[0].password',
  ],
  [
    'a sub that is a client_id',
    { users: [aUser({ username: 'carol', sub: 'shop-backend' })] },
    'users[0].sub',
  ],
  [
    "a sub that is another user's",
    { users: [aUser({ username: 'carol', sub: 'alice-0001' })] },
    'users[0].sub',
  ],
  ['another sub for a user', { users: [aUser({ sub: 'alice-0002' })] }, 'users[0].sub'],
  ['a client_id that is a sub', { clients: [named({ client_id: 'alice-0001' })] }, 'clients[0].client_id'],
  ['a limit that does not exist', { users: [aUser({ allowed_scope: 'nothing' })] }, 'users[0].allowed_scope'],
  [
    'two names for one user',
    { users: [aUser({ username: 'carol' }), aUser({ username: 'CAROL' })] },
    'users[1].username',
  ],
];

describeEachDatabase('A configuration file with a mistake', (dialect) => {
  let installation: Installation;

  beforeEach(async () => {
    installation = await Installation.create(dialect);
  });

  afterEach(() => installation.drop());

  it('stops the start, names every mistake with its place, and changes nothing', async () => {
    const users = [aUser({ sub: 'alice-0001' })];
    await installation.apply(aConfiguration({ users }));
    const before = await installation.dump();
    const missed: unknown[] = [];
    // The rules are the same on both databases; only all-or-nothing is the database's part.
    for (const [what, mistake, place] of dialect === 'sqlite' ? PROBLEMS : []) {
      const problems = await problemsOf(installation.start(aConfiguration({ users, ...mistake })));
      if (!problems.some((problem) => problem.startsWith(`${place}:`))) missed.push({ what, problems });
    }
    expect(missed).toEqual([]);
    const everything = aConfiguration({
      scopes: [{ name: 'a-good-one' }],
      clients: [named({ client_id: 'a-good-one' }), named({ scope: 'nothing' })],
      users: [aUser({ username: 'carol' }), { username: 'dave' }],
    });
    expect((await problemsOf(installation.start(everything))).length).toBeGreaterThan(1);
    expect(await installation.dump()).toEqual(before);
  }, 60_000);

  it('names mistakes of syntax, of shape and of reference at once, and invents none', async () => {
    const problems = await problemsOf(
      installation.startWith(
        [
          'scopes:',
          '  - { name: orders:read, text: Read orders }',
          'clients:',
          '  - { client_id: one, grant_types: password, scope: orders:read }',
          `  - { client_id: two, client_secret: ${SECRET}, scope: orders:read nothing, audience: ['https://a.example/'] }`,
          'users:',
          '  - { username: alice, sub: 17, password: correct horse battery staple }',
          `  - { username: bob, password: correct horse battery staple, allowed_scope: 'orders:read other' }`,
          '  - { username: carol, username: dave }',
          '  - { username: erin }',
          '',
        ].join('\n'),
      ),
    );
    expect(problems).toEqual([
      'scopes[0].text: there is no such key (line 2)',
      'clients[0].grant_types: must be a list, such as [a, b] (line 4)',
      'clients[1].scope: there is no scope nothing (line 5)',
      'users[0].sub: must be text: write it in quotes (line 7)',
      'users[1].allowed_scope: there is no scope other (line 8)',
      'line 9: not valid YAML: this key is there twice',
      'users[3].password: is required for a new user, or a usable password_hash (line 10)',
    ]);
    expect(await installation.dump()).toMatchObject({ clients: [], users: [] });
  });

  it('says nothing of references where scopes cannot be read', async () => {
    const problems = await problemsOf(
      installation.startWith(
        `clients:\n  - { client_id: one, client_secret: ${SECRET}, scope: a }\nscopes:\n  - name: "a\n`,
      ),
    );
    expect(problems).toEqual([expect.stringMatching(/^line \d+: not valid YAML/)]);
  });

  it('takes an empty scope for none', async () => {
    const client = named({ grant_types: [], refresh_token_policy: 'none', scope: '', default_scope: '' });
    await installation.apply(aConfiguration({ clients: [client] }));
  });

  it('names the line of a syntax error and repeats nothing of it', async () => {
    const problems = await problemsOf(
      installation.startWith(`users:\n  - username: alice\n    password: "${SECRET}\n`),
    );
    expect(problems).toEqual([expect.stringMatching(/^line \d+: /)]);
  });

  it('is named when it is not UTF-8, and nothing is stored changed', async () => {
    const text = 'users:\n  - username: müller\n    password: a long passphrase of müller\n';
    for (const bytes of [Buffer.from(text, 'latin1'), Buffer.from(`\ufeff${text}`, 'utf16le')]) {
      const problems = await problemsOf(installation.startWith(bytes));
      expect(problems).toEqual([expect.stringContaining('is not UTF-8')]);
    }
    await (await installation.startWith(`\ufeff${text}`)).stop();
  });

  it('is named when it cannot be read', async () => {
    const start = installation.start(undefined, { LATCHKEY_CONFIG: '/nowhere/latchkey.yaml' });
    await expect(start).rejects.toThrow(/\/nowhere\/latchkey\.yaml[^]*ENOENT/);
  });

  it('refuses weak and placeholder secrets in production', async () => {
    const production = { NODE_ENV: 'production', ISSUER: 'https://login.example.com' };
    for (const client_secret of ['tiny-one', 'change-me-change-me-change-me-change-me', 'a'.repeat(40)]) {
      const problems = await problemsOf(
        installation.start(aConfiguration({ clients: [aClient({ client_secret })] }), production),
      );
      expect(problems).toEqual([expect.stringMatching(/^clients\[0\]\.client_secret: is /)]);
      expect(problems.join()).not.toContain(client_secret);
    }
  });
});

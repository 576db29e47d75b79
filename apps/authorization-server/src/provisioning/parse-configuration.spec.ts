import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '@latchkey/platform/environment';
import { parseConfiguration } from './parse-configuration.js';

const CANARY = 'canary-4711-not-a-secret-of-anybody';

function problemsOf(content: unknown): readonly string[] {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  try {
    parseConfiguration(text, 'latchkey.yaml');
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    expect(error.message).not.toContain(CANARY);
    return error.problems;
  }
  return [];
}

const client = (changes: Record<string, unknown>) => ({ clients: [{ client_id: 'c', ...changes }] });
const user = (changes: Record<string, unknown>) => ({ users: [{ username: 'u', ...changes }] });

describe('parseConfiguration', () => {
  it('reads JSON as YAML', () => {
    const content = client({ client_secret: CANARY, audience: ['https://a.example/'] });
    expect(parseConfiguration(JSON.stringify(content), 'x')).toMatchObject(content);
  });

  it.each<[unknown, string]>([
    [{ client: [] }, 'client:'],
    [{ scopes: [{ name: 'a', title: CANARY }] }, 'scopes[0].title:'],
    [client({ secret: CANARY }), 'clients[0].secret:'],
    [user({ passwort: CANARY }), 'users[0].passwort:'],
    [{ scopes: [{}] }, 'scopes[0].name:'],
    [{ scopes: [{ name: 'a b' }] }, 'scopes[0].name:'],
    [{ clients: [{}] }, 'clients[0].client_id:'],
    [client({ client_id: 'ä' }), 'clients[0].client_id:'],
    [client({ client_secret: 4711 }), 'clients[0].client_secret:'],
    [client({ client_secret: '' }), 'clients[0].client_secret:'],
    [client({ client_secret: null }), 'clients[0].client_secret:'],
    [client({ client_secret_hash: CANARY }), 'clients[0].client_secret_hash:'],
    [client({ client_type: CANARY }), 'clients[0].client_type:'],
    [client({ grant_types: ['implicit'] }), 'clients[0].grant_types:'],
    [client({ grant_types: 'password' }), 'clients[0].grant_types:'],
    [client({ grant_types: ['password', 'password'] }), 'clients[0].grant_types:'],
    [client({ scope: 'a  b' }), 'clients[0].scope:'],
    [client({ scope: ['a'] }), 'clients[0].scope:'],
    [client({ audience: 'https://a.example/' }), 'clients[0].audience:'],
    [client({ audience: ['/relative'] }), 'clients[0].audience:'],
    [client({ audience: ['https://a.example/#x'] }), 'clients[0].audience:'],
    [client({ access_token_ttl: 0 }), 'clients[0].access_token_ttl:'],
    [client({ access_token_ttl: '300' }), 'clients[0].access_token_ttl:'],
    [client({ refresh_token_grace: 301 }), 'clients[0].refresh_token_grace:'],
    [client({ refresh_token_grace: -1 }), 'clients[0].refresh_token_grace:'],
    [client({ refresh_token_max_retries: 0 }), 'clients[0].refresh_token_max_retries:'],
    [client({ refresh_token_max_retries: 101 }), 'clients[0].refresh_token_max_retries:'],
    [client({ refresh_token_idle_ttl: 1.5 }), 'clients[0].refresh_token_idle_ttl:'],
    [client({ password_grant_until: '2027-02-30' }), 'clients[0].password_grant_until:'],
    [client({ enabled: 'no' }), 'clients[0].enabled:'],
    [client({ may_introspect: 1 }), 'clients[0].may_introspect:'],
    [user({ username: 1 }), 'users[0].username:'],
    [user({ password: '' }), 'users[0].password:'],
    [user({ groups: [1] }), 'users[0].groups[0]:'],
    [user({ allowed_scope: '' }), 'users[0].allowed_scope:'],
    [user({ allowed_scope: null }), 'users[0].allowed_scope:'],
    [user({ sub: 'ä' }), 'users[0].sub:'],
    [{ users: [{ username: 'a' }, { username: 'a' }] }, 'users[1].username:'],
    [{ users: [{ username: 'a' }, { username: 'Ａ' }] }, 'users[1].username:'],
    [{ clients: [{ client_id: 'a' }, { client_id: 'a' }] }, 'clients[1].client_id:'],
    [{ scopes: [{ name: 'a' }, { name: 'a' }] }, 'scopes[1].name:'],
  ])('%j: names the place %s', (content, place) => {
    const places = problemsOf(content).map((problem) => problem.split(' ')[0]);
    expect([...new Set(places)]).toEqual([place]);
  });

  it('names every mistake at once', () => {
    const content = { ...client({ scope: 1, enabled: 1 }), ...user({ groups: 'a' }), more: 1 };
    expect(problemsOf(content).map((problem) => problem.split(':')[0])).toEqual(
      expect.arrayContaining(['clients[0].scope', 'clients[0].enabled', 'users[0].groups', 'more']),
    );
  });

  it.each<[unknown, string]>([
    [client({ grant_types: 'password' }), 'clients[0].grant_types: must be a list, such as [a, b]'],
    [client({ audience: 'https://a.example/' }), 'clients[0].audience: must be a list, such as [a, b]'],
    [user({ groups: 'staff' }), 'users[0].groups: must be a list, such as [a, b]'],
    [{ users: { username: 'a' } }, 'users: must be a list, such as [a, b]'],
    [{ users: ['a'] }, 'users[0]: must be a mapping of keys to values'],
    [client({ scope: ['a'] }), 'clients[0].scope: must be text, not a list'],
    [user({ sub: 17 }), 'users[0].sub: must be text: write it in quotes'],
    [user({ password: 4711 }), 'users[0].password: must be text: write it in quotes'],
    [user({ username: true }), 'users[0].username: must be text: write it in quotes'],
    [user({ groups: ['a', 1] }), 'users[0].groups[1]: must be text: write it in quotes'],
    [client({ grant_types: [1] }), 'clients[0].grant_types[0]: must be text: write it in quotes'],
    [client({ client_type: 1 }), 'clients[0].client_type: must be text: write it in quotes'],
    [client({ client_name: { a: 1 } }), 'clients[0].client_name: must be text'],
    [
      client({ password_grant_until: 2027 }),
      'clients[0].password_grant_until: must be text: write it in quotes',
    ],
    [
      client({ access_token_ttl: '300' }),
      'clients[0].access_token_ttl: must be a whole number, without quotes',
    ],
    [client({ enabled: 'yes' }), 'clients[0].enabled: must be true or false, without quotes'],
    [
      client({ client_secret: null }),
      'clients[0].client_secret: has no value: give it one, or leave the key out',
    ],
    [{ clients: [{}] }, 'clients[0].client_id: is required'],
    [client({ client_type: 'a' }), 'clients[0].client_type: must be one of confidential, public'],
    [client({ access_token_ttl: 0 }), 'clients[0].access_token_ttl: must not be less than 1'],
    [{ client: [] }, 'client: there is no such key; did you mean clients?'],
    [user({ passwort: 'a' }), 'users[0].passwort: there is no such key; did you mean password?'],
    [
      client({ clientSecret: 'a' }),
      'clients[0].clientSecret: there is no such key; did you mean client_secret?',
    ],
    [client({ secret: 'a' }), 'clients[0].secret: there is no such key; did you mean client_secret?'],
    [client({ grant_type: [] }), 'clients[0].grant_type: there is no such key; did you mean grant_types?'],
    [client({ scopes: 'a' }), 'clients[0].scopes: there is no such key; did you mean scope?'],
    [user({ colour: 'a' }), 'users[0].colour: there is no such key'],
    [
      client({ client_secrets: [{ hash: 'a', expires: 'b' }] }),
      'clients[0].client_secrets[0].expires: there is no such key; did you mean expires_at?',
    ],
  ])('%j: says what is wrong, %s', (content, problem) => {
    expect(problemsOf(content)).toContain(problem);
  });

  it('says one thing about a value of the wrong kind', () => {
    for (const content of [user({ sub: 17 }), user({ groups: 'a' }), client({ access_token_ttl: '1' })]) {
      expect(problemsOf(content)).toHaveLength(1);
    }
  });

  it('takes an empty scope of a client for none', () => {
    expect(problemsOf(client({ scope: '', default_scope: '' }))).toEqual([]);
  });

  it('names the line of each mistake, in the order of the file, also beside errors of syntax', () => {
    const text = [
      'scopes:',
      '  - { name: a, descripton: b }',
      'clients:',
      '  - client_id: one',
      '    scop: a',
      '  - client_id: two',
      '    client_name: a: b',
      '    enabled: 1',
      '  - client_id: three',
      '    access_token_ttl: long',
      'users:',
      '  - username: alice',
      '    username: bob',
      '  - sub: 17',
    ].join('\n');
    expect(problemsOf(text)).toEqual([
      'scopes[0].descripton: there is no such key; did you mean description? (line 2)',
      'clients[0].scop: there is no such key; did you mean scope? (line 5)',
      'line 7: not valid YAML: a colon followed by a space in a text: put the text in quotes',
      'clients[2].access_token_ttl: must be a whole number, without quotes (line 10)',
      'line 13: not valid YAML: this key is there twice',
      'users[1].username: is required (line 14)',
      'users[1].sub: must be text: write it in quotes (line 14)',
    ]);
  });

  it('names the line of an alias without an anchor', () => {
    expect(problemsOf(`users:\n  - username: *${CANARY}\n`)).toEqual(['line 2: an alias without its anchor']);
  });

  it.each([
    ['a text', CANARY],
    ['a number', '1'],
    ['nothing', ''],
    ['a list', '- a'],
    ['a list of nothing', 'users: [null]'],
    ['a list of texts', `users: [${CANARY}]`],
    ['a text for a list', `users: ${CANARY}`],
    ['a mapping for a list', 'users: { username: a }'],
    ['a list in a list', 'clients: [[]]'],
    ['a number for a list', 'scopes: 1'],
  ])('refuses %s', (_, text) => {
    expect(problemsOf(text)).not.toEqual([]);
  });

  it.each([
    ['an open quotation', `users:\n  - password: "${CANARY}\n`, /^line \d+: /],
    ['a tab', `users:\n\t- username: ${CANARY}`, /^line 2: /],
    ['a repeated key', `users: []\nusers: [] # ${CANARY}`, /^line 2: /],
    ['an alias of nothing', `users: *${CANARY}`, /./],
  ])('names the line of %s', (_, text, pattern) => {
    expect(problemsOf(text)[0]).toMatch(pattern);
  });
});

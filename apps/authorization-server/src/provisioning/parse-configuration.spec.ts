import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '@latchkey/platform';
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
    [client({ refresh_token_idle_ttl: 1.5 }), 'clients[0].refresh_token_idle_ttl:'],
    [client({ password_grant_until: '2027-02-30' }), 'clients[0].password_grant_until:'],
    [client({ enabled: 'no' }), 'clients[0].enabled:'],
    [client({ may_introspect: 1 }), 'clients[0].may_introspect:'],
    [user({ username: 1 }), 'users[0].username:'],
    [user({ password: '' }), 'users[0].password:'],
    [user({ groups: [1] }), 'users[0].groups:'],
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

import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '@latchkey/platform/environment';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { ConfigurationDocument } from './configuration-document.js';
import { parseConfiguration } from './parse-configuration.js';

const SECRET = 'Zq7X-secret-value-Xq7Z-0123456789';

const KEYS = [
  ...['client_id', 'client_secret', 'client_secret_hash', 'client_type', 'grant_types', 'scope', 'audience'],
  ...[
    'refresh_token_ttl',
    'password_grant_until',
    'enabled',
    'reset',
    'username',
    'password',
    'password_hash',
  ],
  ...['sub', 'groups', 'allowed_scope', 'name', 'description', '__proto__', 'constructor', 'toString', '0'],
];

/** A document or a ConfigurationError that does not say the secret. */
function expectDocumentOrError(text: string): void {
  let document: ConfigurationDocument;
  try {
    document = parseConfiguration(text, 'latchkey.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as ConfigurationError).problems.length).toBeGreaterThan(0);
    expect((error as ConfigurationError).message).not.toContain(SECRET);
    expect((error as ConfigurationError).stack).not.toContain(SECRET);
    return;
  }
  expect(document).toBeInstanceOf(ConfigurationDocument);
  for (const list of [document.scopes, document.clients, document.users]) {
    expect(list === undefined || Array.isArray(list)).toBe(true);
    for (const entry of list ?? []) {
      expect(typeof entry).toBe('object');
      // An empty value is none of the type that is declared.
      expect(Object.values(entry)).not.toContain(null);
    }
  }
}

const value = fc.oneof(
  { weight: 3, arbitrary: fc.constant(SECRET) },
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, '', 'a b', [SECRET], { [`a`]: SECRET }, [null], {}, []),
  fc.jsonValue({ maxDepth: 2 }),
);

const entry = fc.dictionary(fc.constantFrom(...KEYS), value, { maxKeys: 5 });
const list = fc.oneof(
  fc.array(fc.oneof({ weight: 5, arbitrary: entry }, value), { maxLength: 3 }),
  entry,
  value,
);
const content = fc.dictionary(fc.constantFrom('scopes', 'clients', 'users', 'other', '__proto__'), list);

describe('parseConfiguration, for any file', () => {
  it('reads any YAML value, or says what is wrong without its values', () => {
    fc.assert(
      fc.property(fc.oneof(content, value), (data) => {
        expectDocumentOrError(stringify(data));
        expectDocumentOrError(JSON.stringify(data));
      }),
      { numRuns: 300 },
    );
  });

  it('reads any text, or says what is wrong without its values', () => {
    const piece = fc.oneof(
      fc.constantFrom(...KEYS, 'scopes', 'clients', 'users', SECRET),
      fc.constantFrom(': ', '\n', '\n  ', '\n- ', '- ', '? ', '&a ', '*a', '<<: ', '|\n ', '>-\n ', '# '),
      fc.constantFrom('{', '}', '[', ']', ', ', '"', "'", '\\', '\t', '\0', '---\n', '...\n', '%YAML 1.3\n'),
      fc.constantFrom(
        '!!set ',
        '!!binary ',
        '!!map ',
        '!!seq ',
        '!!timestamp ',
        '!!int ',
        '!x ',
        '~',
        '.nan',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), fc.string(), (pieces, rest) => {
        expectDocumentOrError(pieces.join(''));
        expectDocumentOrError(`users:\n  - password: ${SECRET}\n    ${pieces.join('')}`);
        expectDocumentOrError(rest);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['an alias without an anchor', 'users: *nobody'],
    ['aliases that multiply', bomb()],
    ['an alias inside its anchor', 'users: &a\n  - *a'],
    ['a set', '!!set {users, clients, others}'],
    ['an unknown key without a value', 'others:'],
    ['names of what every object has', 'users: [{ constructor: a }]'],
    ['lists that are none', 'users: 5\nclients: { client_id: a }\nscopes: text'],
    ['empty values', 'clients:\n  - client_id: a\n    scope:\n    client_secret:'],
    ['empty entries', 'users: [null]\nclients: [~]\nscopes:\n  -'],
    ['entries that are lists', 'users: [[]]\nclients: [[[]]]'],
    ['two documents', 'users: []\n---\nusers: []'],
  ])('refuses %s', (_, text) => {
    expect(() => parseConfiguration(text, 'latchkey.yaml')).toThrow(ConfigurationError);
  });

  it('does not name a key that is a value with a space missing', () => {
    const text = `users:\n  - { username: alice, password:${SECRET} }`;
    expect(() => parseConfiguration(text, 'latchkey.yaml')).toThrow(
      'users[0]: has a key that is no setting; is a space missing after a colon? (line 2)',
    );
  });

  it('says nothing past its error about keys that are no text', () => {
    const warnings: string[] = [];
    const note = (warning: Error) => warnings.push(warning.message);
    process.on('warning', note);
    expect(() => parseConfiguration(`? { password: ${SECRET} }\n: 1`, 'latchkey.yaml')).toThrow(
      ConfigurationError,
    );
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      process.off('warning', note);
      expect(warnings).toEqual([]);
    });
  });
});

/** Small as text, a billion entries as data. */
function bomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 9; level++) {
    lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
  }
  return lines.join('\n');
}

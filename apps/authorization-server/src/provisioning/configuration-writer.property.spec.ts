import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { writeConfiguration } from './configuration-writer.js';
import type { WrittenEntry } from './configuration-exporter.js';

/** What YAML or JSON could take for something else. */
const awkward = fc.constantFrom(
  ...[
    '',
    ' ',
    '~',
    'null',
    'true',
    'no',
    '1',
    '0x1F',
    '1e3',
    '2027-12-31',
    '- a',
    'a: b',
    '#a',
    '"',
    "'",
    '|',
    '>',
  ],
  ...[
    'a\nb',
    '\n',
    ' \n a\n\n',
    'a\tb',
    '\u2028',
    '{a: 1}',
    '[1]',
    '&a',
    '*a',
    '!!str a',
    '%a',
    '@a',
    '---',
    '...',
  ],
);
const text = fc.oneof(awkward, fc.string({ unit: 'grapheme' }), fc.string({ minLength: 60, maxLength: 200 }));
const value = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.array(text),
  fc.array(fc.record({ hash: text, expires_at: text })),
);
const entries = fc.array(
  fc.dictionary(fc.constantFrom('name', 'scope', 'groups', 'enabled'), value, {
    minKeys: 1,
    noNullPrototype: true,
  }),
);

async function* each(list: readonly WrittenEntry[]): AsyncIterable<WrittenEntry> {
  yield* list;
}

describe.each(['yaml', 'json'] as const)('A configuration written as %s', (format) => {
  it('is read as what was written', async () => {
    await fc.assert(
      fc.asyncProperty(entries, entries, entries, async (scopes, clients, users) => {
        let written = '';
        const configuration = { scopes: each(scopes), clients: each(clients), users: each(users) };
        await writeConfiguration(configuration, format, async (part) => {
          written += part;
        });
        expect(parse(written, { schema: 'core' })).toEqual({ scopes, clients, users });
        if (format === 'json') expect(JSON.parse(written)).toEqual({ scopes, clients, users });
      }),
    );
  });

  it('has all entries of long lists, in parts', async () => {
    const users = Array.from({ length: 1234 }, (_, index) => ({ username: `user-${index}` }));
    const parts: string[] = [];
    const configuration = { scopes: each([]), clients: each([]), users: each(users) };
    await writeConfiguration(configuration, format, async (part) => {
      parts.push(part);
    });
    expect(parts.length).toBeGreaterThan(2);
    expect(parse(parts.join(''))).toEqual({ scopes: [], clients: [], users });
  });
});

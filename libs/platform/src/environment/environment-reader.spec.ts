import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from './configuration-error.js';
import { EnvironmentReader } from './environment-reader.js';

const RANGE = { min: 1, max: 10 };

/** What is wrong after some reads. */
function problems(
  environment: Record<string, string>,
  read: (reader: EnvironmentReader) => unknown,
): string[] {
  const reader = new EnvironmentReader(environment);
  read(reader);
  try {
    reader.assertValid();
  } catch (error) {
    return [...(error as ConfigurationError).problems];
  }
  return [];
}

describe('EnvironmentReader', () => {
  it('falls back where a variable is absent or empty', () => {
    const reader = new EnvironmentReader({ EMPTY: '' });
    for (const name of ['EMPTY', 'ABSENT']) {
      expect(reader.optional(name)).toBeNull();
      expect(reader.string(name, 'a')).toBe('a');
      expect(reader.integer(name, 99, RANGE)).toBe(99);
      expect(reader.boolean(name, true)).toBe(true);
      expect(reader.oneOf(name, ['a', 'b'], 'b')).toBe('b');
      expect(reader.url(name, 'http://a')).toBe('http://a');
    }
    expect(() => reader.assertValid()).not.toThrow();
  });

  it('reads what is there', () => {
    const reader = new EnvironmentReader({ N: '7', T: 'true', F: 'false', U: 'https://a.example/b/' });
    expect(reader.integer('N', 1, RANGE)).toBe(7);
    expect(reader.boolean('T', false)).toBe(true);
    expect(reader.boolean('F', true)).toBe(false);
    expect(reader.url('U', null)).toBe('https://a.example/b/');
    expect(reader.baseUrl('U', null)).toBe('https://a.example/b');
    expect(() => reader.assertValid()).not.toThrow();
  });

  it.each(['0', '11', '1.5', '1e1', ' 1', '0x1', 'one', '٣', '9'.repeat(400)])(
    'takes %j for no number',
    (value) => {
      expect(problems({ N: value }, (reader) => reader.integer('N', 1, RANGE))).toEqual([
        'N must be a whole number from 1 to 10',
      ]);
    },
  );

  it.each(['True', '1', 'yes', ' true'])('takes %j for neither true nor false', (value) => {
    expect(problems({ B: value }, (reader) => reader.boolean('B', true))).toHaveLength(1);
  });

  it.each([
    'a.example',
    'ftp://a.example',
    'https://u@a.example',
    'https://@a.example',
    'https://a.example?',
    'https://a.example/#',
    'https://a.example\n',
    ' https://a.example',
    'https://a.ex\tample',
    'https://a.example/a b',
    'https://a.example/\u0000',
    'https://a.example/\u00a0',
    'https://ä.example',
    'https:a.example',
    'https:/a.example',
    'https:\\\\a.example',
    'HTTPS://a.example',
    'https://a.example/b/../c',
    'https://a.example/%2e%2e/c',
    'https://',
    'https://a.example:port',
  ])('takes %j for no URL', (value) => {
    expect(problems({ U: value }, (reader) => reader.url('U', null))).toHaveLength(1);
  });

  it('takes URLs as they are written', () => {
    for (const url of [
      'https://a.example',
      'https://A.example:443/b/',
      'http://[::1]:3000',
      'http://10.0.0.1:80',
    ]) {
      expect(problems({ U: url }, (reader) => expect(reader.url('U', null)).toBe(url))).toEqual([]);
    }
  });

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['::', '::'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['localhost', 'localhost'],
    ['latchkey_api.internal.', 'latchkey_api.internal.'],
  ])('takes %s for a host', (host, expected) => {
    expect(problems({ H: host }, (reader) => expect(reader.host('H', 'x')).toBe(expected))).toEqual([]);
  });

  it.each([
    '127.0.0.1:3000',
    'http://a.example',
    '[::1',
    '[::1]:80',
    '::1::',
    'a b',
    'a\n',
    '-a',
    '*',
    'a..b',
    ' ',
  ])('takes %j for no host', (host) => {
    expect(problems({ H: host }, (reader) => reader.host('H', 'x'))).toHaveLength(1);
  });

  it('knows production by its name alone', () => {
    for (const [value, production] of [
      ['production', true],
      ['development', false],
      ['test', false],
      ['', false],
    ] as const) {
      expect(problems({ NODE_ENV: value }, (r) => expect(r.production()).toBe(production))).toEqual([]);
    }
    for (const value of ['prod', 'Production', 'production ', 'staging', 'dev', 'production\r']) {
      expect(problems({ NODE_ENV: value }, (reader) => reader.production())).toEqual([
        'NODE_ENV must be one of production, development, test',
      ]);
    }
  });

  it.each(['a\n', 'a\r', 'a\tb', 'ä'])('takes %j for no name', (value) => {
    expect(problems({ A: value, B: value }, (r) => [r.visible('A'), r.printable('B')])).toHaveLength(2);
  });

  it('names every problem and no value', () => {
    const found = problems({ N: 'canary', B: 'canary', U: 'canary' }, (reader) => {
      reader.integer('N', 1, RANGE);
      reader.boolean('B', true);
      reader.url('U', null);
      reader.required('R');
    });
    expect(found.map((problem) => problem.split(' ')[0])).toEqual(['N', 'B', 'U', 'R']);
    expect(found.join()).not.toContain('canary');
  });

  it('says where the problems are', () => {
    const reader = new EnvironmentReader({});
    reader.required('A');
    expect(() => reader.assertValid()).toThrow(ConfigurationError);
    expect(() => reader.assertValid()).toThrow('The environment is not usable:\n  - A is required');
  });
});

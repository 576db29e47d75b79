import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NOT_UTF8 } from './decode-text.js';
import { EnvironmentReader } from './environment-reader.js';
import { readSecretFiles } from './secret-files.js';

describe('readSecretFiles', () => {
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'latchkey-secret-files-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  function file(content: string | Buffer): string {
    const path = join(directory, `secret-${Math.random().toString(36).slice(2)}`);
    writeFileSync(path, content);
    return path;
  }

  function read(environment: Record<string, string>) {
    return readSecretFiles(environment, ['SECRET', 'OTHER']);
  }

  it.each([
    ['as it is', 'pa ss=\tword', 'pa ss=\tword'],
    ['without the trailing newline', 'password\n', 'password'],
    ['without a trailing CR LF', 'password\r\n', 'password'],
    ['with the rest of its white space', ' password \n\n', ' password \n'],
    ['without a byte-order mark', '\ufeffpassword\r\n', 'password'],
  ])('takes the content of the file %s', (_how, content, value) => {
    const { environment, problems } = read({ SECRET_FILE: file(content) });
    expect(environment.SECRET).toBe(value);
    expect(problems.size).toBe(0);
  });

  it('leaves alone what has no file, and an empty path', () => {
    const { environment, problems } = read({ SECRET: 'value', OTHER_FILE: '' });
    expect(environment).toEqual({ SECRET: 'value', OTHER_FILE: '' });
    expect(problems.size).toBe(0);
  });

  it('counts an empty variable as absent', () => {
    expect(read({ SECRET: '', SECRET_FILE: file('value') }).environment.SECRET).toBe('value');
  });

  it('reads no file of a variable that was not named', () => {
    const { environment, problems } = read({ SSL_CERT_FILE: '/does/not/exist' });
    expect(environment.SSL_CERT).toBeUndefined();
    expect(problems.size).toBe(0);
  });

  it('refuses a variable that is set in both ways, and says neither value', () => {
    const { environment, problems } = read({ SECRET: 'one', SECRET_FILE: file('two') });
    expect(environment.SECRET).toBe('one');
    expect([...problems]).toEqual([['SECRET', 'and SECRET_FILE are both set: choose one']]);
  });

  it.each([
    ['missing', () => join(directory, 'missing'), 'the file cannot be read (ENOENT)'],
    ['a directory', () => directory, 'the file cannot be read (EISDIR)'],
    ['in UTF-16', () => file(Buffer.from('\ufeffsecret', 'utf16le')), `the file ${NOT_UTF8}`],
    ['empty', () => file('\n'), 'the file is empty'],
    ['enormous', () => file('x'.repeat(70_000)), 'the file is too large for a secret'],
  ])('refuses a file that is %s, and says neither its path nor its content', (_what, path, problem) => {
    const { problems } = read({ SECRET_FILE: path() });
    expect([...problems]).toEqual([['SECRET', `cannot be taken from SECRET_FILE: ${problem}`]]);
  });

  it('is what a reader of the environment reports once, beside everything else that is wrong', () => {
    const reader = new EnvironmentReader({ SECRET_FILE: '/does/not/exist', PORT: 'x' }, ['SECRET']);
    reader.required('SECRET');
    reader.integer('PORT', 1, { min: 0, max: 9 });
    expect(() => reader.assertValid()).toThrow(
      'The environment is not usable:\n' +
        '  - SECRET cannot be taken from SECRET_FILE: the file cannot be read (ENOENT)\n' +
        '  - PORT must be a whole number from 0 to 9',
    );
  });

  it('is what a reader of the environment reads', () => {
    const reader = new EnvironmentReader({ SECRET_FILE: file('value\n') }, ['SECRET']);
    expect(reader.required('SECRET')).toBe('value');
    expect(() => reader.assertValid()).not.toThrow();
  });
});

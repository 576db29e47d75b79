import { resolve } from 'node:path';
import { expect, it } from '@jest/globals';
import { describeDatabase, parseDatabaseUrl } from './database-url.js';

it.each([
  ['sqlite:/var/lib/latchkey.sqlite', { dialect: 'sqlite', path: '/var/lib/latchkey.sqlite' }],
  ['sqlite:./data/a.sqlite', { dialect: 'sqlite', path: resolve('data/a.sqlite') }],
  ['sqlite:a b.sqlite', { dialect: 'sqlite', path: resolve('a b.sqlite') }],
  ['postgres://u:p@h/d', { dialect: 'postgres', url: 'postgres://u:p@h/d' }],
  [
    'postgresql://u:p@h:5433/d?sslmode=require',
    { dialect: 'postgres', url: 'postgresql://u:p@h:5433/d?sslmode=verify-full' },
  ],
  [
    'postgres://h/d?sslmode=prefer&x=1',
    { dialect: 'postgres', url: 'postgres://h/d?sslmode=verify-full&x=1' },
  ],
  ['postgres://h/d?sslmode=disable', { dialect: 'postgres', url: 'postgres://h/d?sslmode=disable' }],
  ['postgres://h/d?sslmode=no-verify', { dialect: 'postgres', url: 'postgres://h/d?sslmode=no-verify' }],
  ['postgres://h/d?sslrootcert=system', { dialect: 'postgres', url: 'postgres://h/d?sslmode=verify-full' }],
])('reads %s', (value, expected) => {
  expect(parseDatabaseUrl(value)).toEqual(expected);
});

it.each([
  '',
  'sqlite:',
  'sqlite::memory:',
  'postgres:',
  'postgres://[',
  'mysql://h/d',
  '/var/lib/a.sqlite',
  ' postgres://h/d',
])('does not read %j', (value) => {
  expect(parseDatabaseUrl(value)).toBeNull();
});

const FILES = 'test/support/tls';

it.each([
  ['postgres://u:secret@h/d\n', /line breaks/],
  ['postgres://u:secret@h\r\n/d', /line breaks/],
  ['postgres://u:sec\tret@h/d', /tabs/],
  ['postgres://u:secret@h/d ', /a space at its end/],
  ['postgres://u:secret@h/d?sslmode=verifyfull', /sslmode that is none of disable, /],
  ['postgres://u:secret@h/d?sslmode=allow', /sslmode that is none of/],
  [
    'postgres://u:secret@h/d?sslrootcert=/nowhere/ca.pem',
    /sslrootcert \/nowhere\/ca\.pem, which cannot be read \(ENOENT\)/,
  ],
  [
    `postgres://u:secret@h/d?sslrootcert=${FILES}/README.md`,
    /sslrootcert that holds no certificate in PEM form/,
  ],
  [`postgres://u:secret@h/d?sslcert=${FILES}/README.md&sslkey=${FILES}/README.md`, /sslcert and an sslkey/],
  ['postgres://u:secret%E0%A4@h/d', /must be sqlite:PATH or postgres/],
  ['mysql://u:secret@h/d', /must be sqlite:PATH or postgres/],
])('says what is wrong with %j, and no password', (value, expected) => {
  const problems: string[] = [];
  expect(parseDatabaseUrl(value, (text) => problems.push(text))).toBeNull();
  expect(problems).toEqual([expect.stringMatching(expected)]);
  expect(problems.join()).not.toMatch(/secret|sec\tret/);
});

it('takes the files that a URL names', () => {
  const url = `postgres://u@h/d?sslmode=verify-full&sslrootcert=${FILES}/first-cert.pem&sslcert=${FILES}/first-cert.pem&sslkey=${FILES}/first-key.pem`;
  expect(parseDatabaseUrl(url)).toEqual({ dialect: 'postgres', url });
});

it.each([
  ['sqlite:/var/lib/a.sqlite', 'SQLite file /var/lib/a.sqlite'],
  ['sqlite:a/b.sqlite', `SQLite file ${resolve('a/b.sqlite')}`],
  [
    'postgres://me:secret@db.example.com/latchkey',
    'PostgreSQL database latchkey on db.example.com:5432, as me',
  ],
  ['postgres://me:secret@[::1]:6000/a%0Ab', 'PostgreSQL database a?b on [::1]:6000, as me'],
  [
    'postgres://me:secret@localhost/d?host=/run/postgresql',
    'PostgreSQL database d on /run/postgresql, as me',
  ],
])('describes %s for people, without the password', (value, expected) => {
  const url = parseDatabaseUrl(value);
  expect(url && describeDatabase(url)).toBe(expected);
});

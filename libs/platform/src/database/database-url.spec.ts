import { resolve } from 'node:path';
import { expect, it } from '@jest/globals';
import { parseDatabaseUrl } from './database-url.js';

it.each([
  ['sqlite:/var/lib/latchkey.sqlite', { dialect: 'sqlite', path: '/var/lib/latchkey.sqlite' }],
  ['sqlite:./data/a.sqlite', { dialect: 'sqlite', path: resolve('data/a.sqlite') }],
  ['sqlite:a b.sqlite', { dialect: 'sqlite', path: resolve('a b.sqlite') }],
  ['postgres://u:p@h/d', { dialect: 'postgres', url: 'postgres://u:p@h/d' }],
  [
    'postgresql://u:p@h:5433/d?sslmode=require',
    { dialect: 'postgres', url: 'postgresql://u:p@h:5433/d?sslmode=require' },
  ],
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

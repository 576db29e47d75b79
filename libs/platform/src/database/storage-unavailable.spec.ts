import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { isStorageUnavailable, StorageUnavailableError } from './storage-unavailable.js';

const withCode = (code: string) => Object.assign(new Error('failed'), { code });

describe('isStorageUnavailable', () => {
  it.each<[string, unknown]>([
    ['our own error', new StorageUnavailableError(new Error('full'))],
    ['a refused connection', withCode('ECONNREFUSED')],
    ['a server that shuts down', withCode('57P01')],
    ['a full disk', withCode('SQLITE_FULL')],
    ['a pool without free connections', new Error('timeout exceeded when trying to connect')],
    ['several refused addresses', new AggregateError([withCode('ECONNREFUSED')])],
    ['an error of another realm', runInNewContext(`Object.assign(new Error(''), { code: 'SQLITE_BUSY' })`)],
  ])('%s is an outage', (_, error) => {
    expect(isStorageUnavailable(error)).toBe(true);
  });

  it.each([
    withCode('23505'),
    withCode('SQLITE_CONSTRAINT'),
    new Error('x'),
    null,
    undefined,
    'ECONNREFUSED',
    {},
  ])('%p is a defect', (error) => {
    expect(isStorageUnavailable(error)).toBe(false);
  });
});

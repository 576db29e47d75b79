import { describe, expect, it } from '@jest/globals';
import { LockInUseError, NamedLocks } from './named-locks.js';
import { StorageUnavailableError } from './storage-unavailable.js';

describe('NamedLocks', () => {
  const refusals: string[] = [];
  const locks = new NamedLocks((reason) => refusals.push(reason));

  it('are held by one, and then by who waited', async () => {
    const [first, second] = [locks.begin(1000), locks.begin(1000)];
    first.take('a');
    first.take('a');
    expect(() => second.take('a')).toThrow(LockInUseError);
    const waited = second.waitFor(new LockInUseError('a', false));
    expect(locks.waiting).toBe(1);
    first.release();
    await waited;
    expect(second.names).toEqual(['a']);
    second.release();
    expect(locks.waiting).toBe(0);
  });

  it('are given back while waiting for another one, so that no two wait for each other', async () => {
    const [first, second] = [locks.begin(1000), locks.begin(1000)];
    first.take('a');
    second.take('b');
    const both = Promise.all([
      first.waitFor(new LockInUseError('b', false)).then(() => first.release()),
      second.waitFor(new LockInUseError('a', false)).then(() => second.release()),
    ]);
    await both;
    expect(locks.waiting).toBe(0);
  });

  it('are refused after the deadline, in this process and for other ones', async () => {
    const [holder, late] = [locks.begin(1000), locks.begin(0)];
    holder.take('a');
    await expect(late.waitFor(new LockInUseError('a', false))).rejects.toThrow(StorageUnavailableError);
    await expect(late.waitFor(new LockInUseError('a', true))).rejects.toThrow(StorageUnavailableError);
    expect(refusals).toEqual(['deadline', 'deadline']);
    holder.release();
  });
});

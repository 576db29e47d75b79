import { pbkdf2Sync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashSync as bcrypt } from 'bcryptjs';
import { LateVerificationError } from './hash-queue.js';
import { parsePasswordHash } from './parse-password-hash.js';
import { costOf } from './password-hash.js';
import { PasswordHasher } from './password-hasher.js';

/** What other systems have published or written themselves, with the password. */
const VECTORS: [string, string, string][] = [
  // passlib's manual
  [
    'scrypt of passlib',
    'password',
    '$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E',
  ],
  [
    'PBKDF2 of passlib',
    'password',
    '$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44',
  ],
  // PHP's manual
  ['bcrypt of PHP', 'rasmuslerdorf', '$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq'],
  // jBCrypt's tests
  ['bcrypt of Java', 'a', '$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe'],
  // Django's own tests
  [
    'PBKDF2 of Django',
    'lètmein',
    'pbkdf2_sha256$1500000$seasalt$P4UiMPVduVWIL/oS1GzH+IofsccjJNM5hUTikBvi5to=',
  ],
];

function phcPbkdf2(hash: 'sha256' | 'sha512', password: string, length: number): string {
  const digest = pbkdf2Sync(password, 'some salt', 1000, length, hash);
  const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  return `$pbkdf2-${hash}$i=1000,l=${length}$${text(Buffer.from('some salt'))}$${text(digest)}`;
}

describe('PasswordHasher', () => {
  const hasher = new PasswordHasher(
    { memoryKib: 19_456, iterations: 2 },
    { workers: 1, queueLimit: 100, queueDeadlineMs: 60_000 },
  );

  beforeAll(() => hasher.onModuleInit());

  afterAll(() => hasher.onApplicationShutdown());

  it.each([
    ...VECTORS,
    ['PBKDF2 with SHA-256', 'häßlich', phcPbkdf2('sha256', 'häßlich', 32)],
    ['PBKDF2 with SHA-512', 'häßlich', phcPbkdf2('sha512', 'häßlich', 64)],
    ['PBKDF2 with a digest of two blocks', 'häßlich', phcPbkdf2('sha256', 'häßlich', 64)],
  ])('verifies %s', async (_, password, hash) => {
    expect(await hasher.verify(hash, password)).toBe(true);
    expect(await hasher.verify(hash, `${password} `)).toBe(false);
    expect(hasher.isOutdated(hash)).toBe(true);
  });

  it('verifies its own hashes, which are not outdated', async () => {
    const hash = await hasher.hash('a password');
    expect(await hasher.verify(hash, 'a password')).toBe(true);
    expect(await hasher.verify(hash, 'another')).toBe(false);
    expect(hasher.isOutdated(hash)).toBe(false);
  });

  it('lets nothing pass for a password that bcrypt would not see the whole of', async () => {
    const start = 'é'.repeat(36);
    expect(await hasher.verify(bcrypt(start, 4), start)).toBe(true);
    expect(await hasher.verify(bcrypt(start, 4), `${start}x`)).toBe(false);
    expect(await hasher.verify(bcrypt(`${start}x`, 4), `${start}x`)).toBe(false);
    for (const password of ['a\0a', 'a\0']) {
      expect(await hasher.verify(bcrypt('a', 4), password)).toBe(false);
      expect(await hasher.verify(bcrypt(password, 4), password)).toBe(false);
    }
  });

  it('verifies nothing against what is no hash, at the cost of a new one', async () => {
    for (const hash of [null, '', 'a password', '$2b$31$'.padEnd(60, '.')]) {
      expect(await hasher.verify(hash, 'a password')).toBe(false);
    }
  });

  it('estimates how long the hashes in use take until one was verified, and forgets those that are not', async () => {
    const bcryptCost = '$2b$08';
    const ours = costOf(parsePasswordHash(await hasher.hash('a password'))!);
    hasher.expectOnly([ours, bcryptCost, 'no cost of anything']);
    expect([ours, bcryptCost, 'no cost of anything'].map((cost) => hasher.knows(cost))).toEqual([
      true,
      true,
      false,
    ]);
    expect(hasher.slowestVerificationMs).toBe(hasher.verificationMs);
    hasher.expect('$2b$12');
    expect(hasher.slowestVerificationMs).toBe(16 * hasher.verificationMs);
    hasher.expectOnly([bcryptCost]);
    expect(hasher.knows(ours)).toBe(true);
    hasher.expectOnly([ours]);
    expect(hasher.knows(bcryptCost)).toBe(false);
    expect(hasher.slowestVerificationMs).toBe(hasher.verificationMs);
    expect(hasher.verificationMs).toBeGreaterThan(0);
  });

  it('a slow hash that is in use makes nothing else slower', () => {
    hasher.expectOnly(['$2b$13', '$argon2id$v=19$m=1048576,t=8,p=1']);
    expect(hasher.knows('$2b$13')).toBe(true);
    expect(hasher.slowestVerificationMs).toBe(hasher.verificationMs);
  });

  it('says what a hash costs that is too expensive, and warns of one that is slow', () => {
    const argon2 = (memory: number, passes: number) =>
      `$argon2id$v=19$m=${memory},t=${passes},p=1$c29tZXNhbHRzb21l$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ`;
    expect(hasher.problemOf('a password')).toMatch(/^is in no form that is supported/);
    expect(hasher.problemOf(argon2(1_048_576, 8))).toBe(
      'takes 216 times the work of argon2id with m=19456,t=2 and 1024 MiB of memory to verify; ' +
        'at most 64 times and 256 MiB of memory are accepted',
    );
    expect([hasher.problemOf(argon2(262_144, 3)), hasher.problemOf(argon2(19_456, 2))]).toEqual([null, null]);
    expect(hasher.warningOf(argon2(262_144, 3))).toMatch(/^is slow: verifying it takes some 20 times/);
    expect(hasher.warningOf('$2b$14$'.padEnd(60, '.'))).toMatch(/some 64 times .* \(\$2b\$14\)/);
    expect([hasher.warningOf(argon2(65_536, 3)), hasher.warningOf('a password')]).toEqual([null, null]);
    expect(hasher.isOutdated(argon2(262_144, 3))).toBe(true);
    expect(hasher.isOutdated(argon2(65_536, 3))).toBe(false);
  });

  it('verifies slow hashes one at a time, beside the others', async () => {
    const ended: string[] = [];
    const slow = '$2b$13$'.padEnd(60, '.');
    const both = [1, 2].map(() => hasher.verify(slow, '').then(() => ended.push('slow')));
    expect(hasher.load('slow')).toEqual({ waiting: 1, flows: 1, running: 1 });
    expect(hasher.load('usual')).toEqual({ waiting: 0, flows: 0, running: 0 });
    await hasher.verify(null, '').then(() => ended.push('usual'));
    await Promise.all(both);
    expect(ended).toEqual(['usual', 'slow', 'slow']);
  });

  it('gives a slow hash up at the deadline, and tells its outcome afterwards', async () => {
    const impatient = new PasswordHasher(
      { memoryKib: 19_456, iterations: 2 },
      { workers: 1, queueLimit: 100, queueDeadlineMs: 20 },
    );
    const hash = bcrypt('a password', 13);
    const [first, second] = [impatient.verify(hash, 'a password'), impatient.verify(hash, 'a password')];
    const late = await first.catch((error: unknown) => error);
    expect(late).toBeInstanceOf(LateVerificationError);
    expect((late as Error).message).toContain('($2b$13)');
    await expect(second).rejects.toThrow('the wait exceeded the deadline');
    expect(await (late as LateVerificationError).outcome).toBe(true);
    await impatient.onApplicationShutdown();
  });

  it('lets only right passwords gain by the reserve for known sources', async () => {
    const crowded = new PasswordHasher(
      { memoryKib: 64, iterations: 1 },
      { workers: 1, queueLimit: 1, queueDeadlineMs: 60_000 },
    );
    const hash = await crowded.hash('a password');
    const order: string[] = [];
    const note = (name: string) => () => void order.push(name);
    const from = (source: string, known = false) => ({ client: 'shop', source, known });
    const busy = crowded.verify('$2b$11$'.padEnd(60, '.'), '', from('x'));
    const stranger = crowded.verify(null, 'guess', from('x')).then(note('stranger'));
    const owner = crowded.verify(hash, 'a password', from('x', true)).then(note('owner'));
    await Promise.all([busy, owner, stranger]);
    expect(order).toEqual(['owner', 'stranger']);

    const busyAgain = crowded.verify('$2b$11$'.padEnd(60, '.'), '', from('x'));
    const before = crowded.verify(null, 'guess', from('x'));
    const wrong = await crowded.verify(hash, 'guess', from('x', true)).catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(LateVerificationError);
    expect((wrong as Error).message).toBe('the queue is full');
    expect(await (wrong as LateVerificationError).outcome).toBe(false);
    await Promise.all([busyAgain, before]);
    expect(await crowded.verify(hash, 'guess', from('x', true))).toBe(false);
    await crowded.onApplicationShutdown();
  });

  // A thread that was ended while it loaded its file, then an ECMAScript module, took the process with it: once in some
  // 500 times, so that this finds it again by luck. What prevents it is that the file is CommonJS.
  it('can be shut down while a thread starts, at whatever point', async () => {
    for (let afterMs = 0; afterMs < 60; afterMs += 2) {
      const starting = new PasswordHasher(
        { memoryKib: 64, iterations: 1 },
        { workers: 1, queueLimit: 1, queueDeadlineMs: 60_000 },
      );
      await sleep(afterMs);
      await starting.onApplicationShutdown();
    }
  });
});

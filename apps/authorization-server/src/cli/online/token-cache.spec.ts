import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TokenCache } from './token-cache.js';

const CONNECTION = {
  url: 'https://login.example.com',
  clientId: 'admin',
  clientSecret: 'a-secret-of-32-characters-or-more',
};
const NOW = Date.parse('2026-11-29T12:00:00Z');
const TOKEN = { token: 'token-of-admin', issuedAt: NOW, expiresAt: NOW + 300_000 };

describe('access tokens from one run to the next', () => {
  let home: string;

  beforeEach(() => {
    jest.useFakeTimers({ now: NOW });
    home = mkdtempSync(join(tmpdir(), 'latchkey-tokens-'));
  });

  afterEach(() => {
    jest.useRealTimers();
    rmSync(home, { recursive: true, force: true });
  });

  const cache = (changes: Partial<typeof CONNECTION> = {}) =>
    new TokenCache({ HOME: home }, { ...CONNECTION, ...changes });
  const folder = () => join(home, '.config/latchkey/tokens');
  const file = () => join(folder(), readdirSync(folder())[0] ?? '');

  it('are found by their scope, until they nearly end', () => {
    cache().set('admin:users:read', TOKEN);
    cache().set('admin:audit:read', { ...TOKEN, token: 'another' });
    expect(cache().get('admin:users:read')).toEqual(TOKEN);
    expect(cache().get('admin:audit:read')?.token).toBe('another');
    expect(cache().get('admin:users')).toBeNull();
    jest.setSystemTime(NOW + 270_000);
    expect(cache().get('admin:users:read')).toEqual(TOKEN);
    jest.setSystemTime(NOW + 290_000);
    expect(cache().get('admin:users:read')).toBeNull();
  });

  it('are not used when the clock was set back to before they were issued', () => {
    cache().set('admin:users:read', TOKEN);
    jest.setSystemTime(NOW - 1);
    expect(cache().get('admin:users:read')).toBeNull();
  });

  it('belong to a server, a client and a secret', () => {
    cache().set('admin:users:read', TOKEN);
    for (const other of [
      { url: 'https://other.example.com' },
      { clientId: 'other' },
      { clientSecret: 'another-secret-of-32-characters!!' },
    ]) {
      expect(cache(other).get('admin:users:read')).toBeNull();
    }
    cache({ clientId: 'other' }).set('admin:users:read', { ...TOKEN, token: 'of-the-other' });
    expect(readdirSync(folder())).toHaveLength(2);
    expect(cache().get('admin:users:read')).toEqual(TOKEN);
  });

  it('are for their owner only, and say nothing without the secret', () => {
    cache().set('admin:users:read', TOKEN);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
    const text = readFileSync(file(), 'latin1');
    for (const secret of [TOKEN.token, CONNECTION.clientSecret, 'admin:users'])
      expect(text).not.toContain(secret);
  });

  it('are forgotten with the rest, and where the file is broken', () => {
    cache().set('admin:users:read', TOKEN);
    cache().clear();
    cache().clear();
    expect(cache().get('admin:users:read')).toBeNull();
    cache().set('admin:users:read', TOKEN);
    const bytes = readFileSync(file());
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    for (const broken of [bytes, Buffer.alloc(0), Buffer.from('nonsense')]) {
      writeFileSync(file(), broken);
      expect(cache().get('admin:users:read')).toBeNull();
    }
  });

  it('are not kept where there is no place for them', () => {
    writeFileSync(join(home, '.config'), 'a file');
    cache().set('admin:users:read', TOKEN);
    cache().clear();
    expect(cache().get('admin:users:read')).toBeNull();
  });
});

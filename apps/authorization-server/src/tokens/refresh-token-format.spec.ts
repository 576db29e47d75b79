import { describe, expect, it } from '@jest/globals';
import { formatRefreshToken, parseRefreshToken, refreshTokenIsAuthentic } from './refresh-token-format.js';

const KEY = Buffer.alloc(32, 7);
const SEED = Buffer.alloc(16, 9);
const BODY = { kid: 'AAECAwQFBgc', sid: '01890000-0000-7000-8000-000000000001', generation: 3 };
const TOKEN = formatRefreshToken(BODY, KEY, SEED);

describe('A refresh token', () => {
  it('says what it was made of, and is a pure function of it', () => {
    expect(parseRefreshToken(TOKEN)).toMatchObject(BODY);
    expect(formatRefreshToken(BODY, KEY, SEED)).toBe(TOKEN);
  });

  // It lives longer than the version that made it.
  it('is the same in every version', () => {
    expect(TOKEN).toBe(
      'lkr_AQABAgMEBQYHAYkAAAAAcACAAAAAAAAAAQAAAAMOjfwOb-SEyb_CoKCbeTe96epfAjrgSQbpQVYsnXPzrg',
    );
  });

  it('is authentic with its own key and seed only', () => {
    const parsed = parseRefreshToken(TOKEN);
    if (parsed === null) throw new Error('unreadable');
    expect(refreshTokenIsAuthentic(parsed, KEY, SEED)).toBe(true);
    expect(refreshTokenIsAuthentic(parsed, Buffer.alloc(32, 8), SEED)).toBe(false);
    expect(refreshTokenIsAuthentic(parsed, KEY, Buffer.alloc(16, 8))).toBe(false);
    expect(refreshTokenIsAuthentic({ ...parsed, generation: 4 }, KEY, SEED)).toBe(false);
    const sid = '01890000-0000-7000-8000-000000000002';
    expect(refreshTokenIsAuthentic({ ...parsed, sid }, KEY, SEED)).toBe(false);
  });

  it('is not authentic with any one bit changed', () => {
    const bytes = Buffer.from(TOKEN.slice(4), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const parsed = parseRefreshToken(`lkr_${changed.toString('base64url')}`);
      expect(parsed !== null && refreshTokenIsAuthentic(parsed, KEY, SEED)).toBe(false);
    }
  });

  it.each([
    ['empty', ''],
    ['the prefix alone', 'lkr_'],
    ['another prefix', TOKEN.replace('lkr_', 'lka_')],
    ['no prefix', TOKEN.slice(4)],
    ['cut short', TOKEN.slice(0, -2)],
    ['too long', `${TOKEN}AAAA`],
    ['padded', `${TOKEN}=`],
    ['with white space', `${TOKEN} `],
    ['of another version', `lkr_Ag${TOKEN.slice(6)}`],
  ])('is none when it is %s', (_, token) => {
    expect(parseRefreshToken(token)).toBeNull();
  });
});

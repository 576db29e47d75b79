import { describe, expect, it } from '@jest/globals';
import { formatHandle, parseHandle, handleIsAuthentic } from './handle-format.js';

const PREFIX = 'lkr_';
const KEY = Buffer.alloc(32, 7);
const SEED = Buffer.alloc(16, 9);
const BODY = { kid: 'AAECAwQFBgc', id: '01890000-0000-7000-8000-000000000001', generation: 3 };
const TOKEN = formatHandle(PREFIX, BODY, KEY, SEED);

describe('A handle', () => {
  it('says what it was made of, and is a pure function of it', () => {
    expect(parseHandle(PREFIX, TOKEN)).toMatchObject(BODY);
    expect(formatHandle(PREFIX, BODY, KEY, SEED)).toBe(TOKEN);
  });

  // It lives longer than the version that made it.
  it('is the same in every version', () => {
    expect(TOKEN).toBe(
      'lkr_AQABAgMEBQYHAYkAAAAAcACAAAAAAAAAAQAAAAMOjfwOb-SEyb_CoKCbeTe96epfAjrgSQbpQVYsnXPzrg',
    );
  });

  it('is authentic with its own key and seed only', () => {
    const parsed = parseHandle(PREFIX, TOKEN);
    if (parsed === null) throw new Error('unreadable');
    expect(handleIsAuthentic(parsed, KEY, SEED)).toBe(true);
    expect(handleIsAuthentic(parsed, Buffer.alloc(32, 8), SEED)).toBe(false);
    expect(handleIsAuthentic(parsed, KEY, Buffer.alloc(16, 8))).toBe(false);
    expect(handleIsAuthentic({ ...parsed, generation: 4 }, KEY, SEED)).toBe(false);
    const id = '01890000-0000-7000-8000-000000000002';
    expect(handleIsAuthentic({ ...parsed, id }, KEY, SEED)).toBe(false);
  });

  it('is not authentic with any one bit changed', () => {
    const bytes = Buffer.from(TOKEN.slice(4), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const parsed = parseHandle(PREFIX, `lkr_${changed.toString('base64url')}`);
      expect(parsed !== null && handleIsAuthentic(parsed, KEY, SEED)).toBe(false);
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
    expect(parseHandle(PREFIX, token)).toBeNull();
  });
});

import { describe, expect, it } from '@jest/globals';
import { newRecoveryCodes, normalizeRecoveryCode } from './recovery-code.js';

describe('Recovery codes', () => {
  it('are ten, of 80 bits each, in groups that can be typed', () => {
    const codes = newRecoveryCodes();
    expect(codes).toHaveLength(10);
    for (const code of codes) expect(code).toMatch(/^([a-z2-7]{4}-){3}[a-z2-7]{4}$/);
  });

  it('are never the same, and use all letters and digits of base32', () => {
    const codes = Array.from({ length: 100 }, newRecoveryCodes).flat();
    expect(new Set(codes).size).toBe(codes.length);
    expect(new Set(codes.join('').replaceAll('-', '')).size).toBe(32);
  });

  it.each([
    'abcd-efgh-ijkl-mn23',
    'ABCD-EFGH-IJKL-MN23',
    'abcdefghijklmn23',
    ' abcd efgh ijkl mn23 ',
    'ab-cdefghijklmn2-3',
  ])('may be typed as %j', (text) => {
    expect(normalizeRecoveryCode(text)).toBe('abcdefghijklmn23');
  });

  it.each([
    '',
    'abcd',
    'abcd-efgh-ijkl-mn238',
    'abcd-efgh-ijkl-mn21',
    'abcd_efgh_ijkl_mn23',
    'ａbcdefghijklmn23',
    'abcdefghijklmn2\n',
  ])('are not %j', (text) => {
    expect(normalizeRecoveryCode(text)).toBeNull();
  });

  it('that are made are what is read', () => {
    for (const code of newRecoveryCodes()) expect(normalizeRecoveryCode(code)).toBe(code.replaceAll('-', ''));
  });
});

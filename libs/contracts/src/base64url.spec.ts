import { expect, it } from '@jest/globals';
import { decodeBase64url } from './base64url.js';

it.each([
  ['', ''],
  ['AA', '00'],
  ['_-8', 'ffef'],
  ['AAEC', '000102'],
])('decodes %j', (text, hex) => {
  expect(decodeBase64url(text)?.toString('hex')).toBe(hex);
});

it.each(['AA==', 'AB', '+/8', 'AA AA', 'A', 'AAEC\n', 'ÄÄ', 'AAE=', 'AA.AA'])(
  'refuses %j, which is not canonical',
  (text) => {
    expect(decodeBase64url(text)).toBeNull();
  },
);

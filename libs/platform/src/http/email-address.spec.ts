import { describe, expect, it } from '@jest/globals';
import { isEmailAddress } from './email-address.js';

describe('An e-mail address', () => {
  it.each([
    'erin@example.com',
    'e@example.com',
    'Erin.Lee+shop@mail.example.co.uk',
    "o'neil@example.com",
    'erin@xn--mller-kva.example',
    `${'a'.repeat(64)}@example.com`,
  ])('is %s', (text) => {
    expect(isEmailAddress(text)).toBe(true);
  });

  it.each([
    '',
    'erin',
    '@example.com',
    'erin@',
    'erin@localhost',
    'erin@example',
    'erin@example..com',
    '.erin@example.com',
    'erin@@example.com',
    'erin@example.com\n',
    'erin@example.com\r\nBcc: all@example.com',
    'erin\r\n@example.com',
    'erin@example.com\0',
    'erin @example.com',
    ' erin@example.com',
    'erin@example.com,bob@example.com',
    'erin@example.com;bob@example.com',
    'erin@example.com bob@example.com',
    'Erin <erin@example.com>',
    '<erin@example.com>',
    'erin@example.com> SIZE=1',
    '"erin"@example.com',
    '"erin\r\n"@example.com',
    'erin(comment)@example.com',
    'erin@[127.0.0.1]',
    'erin@127.0.0.1',
    'erïn@example.com',
    'erin@exämple.com',
    'ｅrin@example.com',
    'erin@ｅxample.com',
    'erin@example.com\u2028',
    `${'a'.repeat(65)}@example.com`,
    `erin@${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example.com`,
    null,
    ['erin@example.com'],
    { toString: () => 'erin@example.com' },
  ])('is not %j', (text) => {
    expect(isEmailAddress(text)).toBe(false);
  });
});

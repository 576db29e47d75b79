import { describe, expect, it } from '@jest/globals';
import {
  latestTotpStep,
  newTotpSecret,
  otpauthUri,
  parseTotpSecret,
  totpSecretText,
  totpStepOf,
} from './totp.js';

/** RFC 6238 appendix B, whose codes of eight digits end in those of six. */
const SECRET = Buffer.from('12345678901234567890');
const TEXT = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('A TOTP code', () => {
  it.each([
    [59, '287082', 1],
    [1111111109, '081804', 37037036],
    [1111111111, '050471', 37037037],
    [1234567890, '005924', 41152263],
    [2000000000, '279037', 66666666],
    [20000000000, '353130', 666666666],
  ])('of RFC 6238 at %d s is %s, of step %d', (seconds, code, step) => {
    expect(totpStepOf(code, SECRET, seconds * 1000)).toBe(step);
  });

  it.each([
    ['one step before', 1111111109 + 30, 37037036],
    ['one step after', 1111111109 - 30, 37037036],
  ])('is good when the clock is %s, for its own step', (_, seconds, step) => {
    expect(totpStepOf('081804', SECRET, seconds * 1000)).toBe(step);
  });

  it.each([1111111109 + 60, 1111111109 - 60])('is wrong two steps off, at %d s', (seconds) => {
    expect(totpStepOf('081804', SECRET, seconds * 1000)).toBeNull();
  });

  it.each([
    '',
    '08180',
    '0818040',
    '081 804',
    ' 081804',
    '081804\n',
    '０８１８０４',
    'abcdef',
    '-81804',
    '8.1804e4',
  ])('is not %j', (code) => {
    expect(totpStepOf(code, SECRET, 1111111109_000)).toBeNull();
  });

  it('belongs to the step after the current one at the latest', () => {
    const seconds = 1111111109;
    expect(totpStepOf('081804', SECRET, (seconds - 30) * 1000)).toBe(latestTotpStep((seconds - 30) * 1000));
    expect(latestTotpStep(29_999)).toBe(1);
    expect(latestTotpStep(30_000)).toBe(2);
  });

  it('of one secret is no code of another', () => {
    expect(totpStepOf('081804', newTotpSecret(), 1111111109_000)).toBeNull();
  });
});

describe('A TOTP secret', () => {
  it('has 160 bits, and is another one each time', () => {
    const secrets = Array.from({ length: 100 }, () => newTotpSecret().toString('hex'));
    expect(new Set(secrets).size).toBe(100);
    expect(secrets[0]).toHaveLength(40);
  });

  it('is shown in base32, and as the URI that authenticator applications read', () => {
    expect(totpSecretText(SECRET)).toBe(TEXT);
    const uri = new URL(otpauthUri(SECRET, 'id.example.com', 'anna müller'));
    expect([uri.protocol, uri.host, decodeURIComponent(uri.pathname)]).toEqual([
      'otpauth:',
      'totp',
      '/id.example.com:anna müller',
    ]);
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      issuer: 'id.example.com',
      secret: TEXT,
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
  });
});

describe('A TOTP secret of another system', () => {
  it.each([
    TEXT,
    TEXT.toLowerCase(),
    'gezd gnbv gy3t qojq gezd gnbv gy3t qojq',
    'GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ',
    ` ${TEXT} `,
    `${TEXT}====`,
    `otpauth://totp/a?secret=${TEXT}`,
    `OTPAUTH://totp/a?secret=${TEXT}`,
    `otpauth://totp/Example:anna?issuer=Example&secret=${TEXT}&algorithm=sha1&digits=6&period=30`,
  ])('is read from %j', (text) => {
    expect(parseTotpSecret(text)).toEqual(SECRET);
  });

  it('is read from the URI that this server shows', () => {
    const secret = newTotpSecret();
    expect(parseTotpSecret(otpauthUri(secret, 'id.example.com', 'anna müller'))).toEqual(secret);
  });

  it.each([10, 64])('may have %d bytes', (size) => {
    const secret = Buffer.alloc(size, 7);
    expect(parseTotpSecret(totpSecretText(secret))).toEqual(secret);
  });

  it.each([9, 65])('does not have %d bytes', (size) => {
    expect(parseTotpSecret(totpSecretText(Buffer.alloc(size, 7)))).toBeNull();
  });

  it.each([
    '',
    '====',
    `${TEXT}1`,
    `1${TEXT}`,
    `${TEXT}=A`,
    TEXT.replace('G', '_'),
    `otpauth://hotp/a?secret=${TEXT}`,
    `otpauth://totp/a?secret=${TEXT}&algorithm=SHA256`,
    `otpauth://totp/a?secret=${TEXT}&digits=8`,
    `otpauth://totp/a?secret=${TEXT}&period=60`,
    `otpauth://totp/a?secret=${TEXT}0`,
    'otpauth://totp/a?issuer=Example',
    `otpauth://[/a?secret=${TEXT}`,
    ` otpauth://totp/a?secret=${TEXT}`,
    `https://totp/a?secret=${TEXT}`,
  ])('is not read from %j', (text) => {
    expect(parseTotpSecret(text)).toBeNull();
  });
});

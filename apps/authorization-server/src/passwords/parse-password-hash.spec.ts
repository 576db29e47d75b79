import { describe, expect, it } from '@jest/globals';
import { isWeaker } from './hash-strength.js';
import { parsePasswordHash, passwordHashProblem, sampleOfCost } from './parse-password-hash.js';
import { costOf } from './password-hash.js';

const SALT = 'c29tZXNhbHRzb21l';
const DIGEST = '9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ';
const BCRYPT = '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW';
const ARGON2 = `$argon2id$v=19$m=19456,t=2,p=1$${SALT}$${DIGEST}`;
const SCRYPT = `$scrypt$ln=16,r=8,p=1$${SALT}$${DIGEST}`;
const PBKDF2 = `$pbkdf2-sha256$i=600000,l=32$${SALT}$${DIGEST}`;
const PASSLIB = `$pbkdf2-sha512$25000$${SALT}$${DIGEST}`;
const DJANGO = `pbkdf2_sha256$870000$sea salt$${DIGEST}=`.replace(' ', '');

describe('parsePasswordHash', () => {
  it.each([
    [ARGON2, '$argon2id$v=19$m=19456,t=2,p=1'],
    [BCRYPT, '$2b$12'],
    [BCRYPT.replace('$2b', '$2a'), '$2b$12'],
    [BCRYPT.replace('$2b', '$2y'), '$2b$12'],
    [SCRYPT, '$scrypt$ln=16,r=8,p=1'],
    [PBKDF2, '$pbkdf2-sha256$i=600000,l=32'],
    [PBKDF2.replace(',l=32', ''), '$pbkdf2-sha256$i=600000,l=32'],
    [PASSLIB, '$pbkdf2-sha512$i=25000,l=32'],
    [PASSLIB.replace(SALT, `..${SALT.slice(2)}`), '$pbkdf2-sha512$i=25000,l=32'],
    [DJANGO, '$pbkdf2-sha256$i=870000,l=32'],
  ])('reads %s', (text, cost) => {
    const hash = parsePasswordHash(text);
    expect(hash === null ? null : costOf(hash)).toBe(cost);
    const sample = sampleOfCost(cost);
    expect(sample === null ? null : costOf(sample)).toBe(cost);
  });

  it.each([
    ['bcrypt without its revision', BCRYPT.replace('$2b', '$2')],
    ['the defective bcrypt of PHP', BCRYPT.replace('$2b', '$2x')],
    ['bcrypt cut off', BCRYPT.slice(0, -1)],
    ['bcrypt with bits to spare', `${BCRYPT.slice(0, -1)}V`],
    ['bcrypt that is too cheap to be one', BCRYPT.replace('$12$', '$03$')],
    ['bcrypt that takes seconds', BCRYPT.replace('$12$', '$15$')],
    ['scrypt of a gigabyte', SCRYPT.replace('ln=16', 'ln=20')],
    ['scrypt of many lanes', SCRYPT.replace('p=1', 'p=99')],
    ['scrypt without work', SCRYPT.replace('ln=16', 'ln=0')],
    ['scrypt without lanes', SCRYPT.replace('p=1', 'p=0')],
    ['scrypt with a short digest', SCRYPT.replace(DIGEST, 'AAAA')],
    ['PBKDF2 without work', PBKDF2.replace('600000', '0')],
    ['PBKDF2 that takes seconds', PBKDF2.replace('600000', '5000001')],
    ['PBKDF2 with SHA-512 that takes seconds', PASSLIB.replace('25000', '2000001')],
    ['PBKDF2 with another length than it says', PBKDF2.replace('l=32', 'l=64')],
    ['PBKDF2 with broken base64', PBKDF2.replace(SALT, 'A')],
    ['PBKDF2 of Django with a digest of another length', DJANGO.replace('sha256', 'sha1')],
    ['PBKDF2 of Django without padding', DJANGO.slice(0, -1)],
    ['argon2id of another version', ARGON2.replace('v=19', 'v=17')],
    ['argon2id without a salt', ARGON2.replace(SALT, '')],
    ['argon2id with less memory than its lanes need', ARGON2.replace('m=19456', 'm=4')],
    ['argon2id with more memory than there is', ARGON2.replace('m=19456', 'm=9999999')],
    ['argon2id without passes', ARGON2.replace('t=2', 't=0')],
    ['argon2id without lanes', ARGON2.replace('p=1', 'p=0')],
    ['argon2id with a salt that is cut off', ARGON2.replace(SALT, SALT.slice(0, -3))],
    ['argon2id that takes seconds', ARGON2.replace('m=19456,t=2', 'm=1048576,t=9')],
    ['MD5', '5f4dcc3b5aa765d61d8327deb882cf99'],
    ['MD5 of crypt, cut off', '$1$salt$qJH7.N4xYta3aEG/dfqo/'],
    ['SHA-512 of crypt with bits to spare', `$6$salt$${'a'.repeat(86)}`],
    ['SHA-512 of crypt that takes seconds', `$6$rounds=700001$salt$${'.'.repeat(86)}`],
    ['SHA-512 of crypt with too few rounds', `$6$rounds=999$salt$${'.'.repeat(86)}`],
    ['phpass that takes seconds', `$P$Isaltsalt${'.'.repeat(22)}`],
    ['nothing', ''],
  ])('does not read %s', (_, text) => {
    expect(parsePasswordHash(text)).toBeNull();
  });

  it.each([ARGON2, BCRYPT, SCRYPT, PBKDF2, PASSLIB, DJANGO])('wants nothing around %s', (text) => {
    for (const other of [` ${text}`, `${text} `, `${text}\n`, `${text}\0`, `${text}$`]) {
      expect(parsePasswordHash(other)).toBeNull();
    }
  });
});

describe('passwordHashProblem', () => {
  const peppers = { shop: 'a pepper', firebase: 'c2hvcnQ=' };
  const FIREBASE = `$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,pepper=firebase$${SALT}$${'A'.repeat(86)}==`;
  const KEYCLOAK = JSON.stringify({
    credentialData: JSON.stringify({ hashIterations: 1000, algorithm: 'pbkdf2-sha256' }),
    secretData: JSON.stringify({ value: `${DIGEST}=`, salt: SALT }),
  });

  it.each([
    BCRYPT,
    `{bcrypt}${BCRYPT}`,
    `{pepper=shop}${BCRYPT}`,
    `{sha256-hex,pepper=shop,at=key}${BCRYPT}`,
    `{md5-hex}{sha1-base64,salt=c2FsdA,at=start}${BCRYPT}`,
    KEYCLOAK,
    'a'.repeat(32),
    'A'.repeat(40),
    // In capital letters, they look like the beginning of a hash of ASP.NET Identity.
    ...[64, 96, 128].map((length) => 'AF09'.repeat(length / 4)),
    `{pepper=shop}${'a'.repeat(40)}`,
  ])('finds none in %s', (text) => {
    expect(passwordHashProblem(text, peppers)).toBeNull();
  });

  it.each([
    [`{noop}secret`, 'is a password and not a hash'],
    [`{CLEARTEXT}secret`, 'is a password and not a hash'],
    [BCRYPT.replace('$12$', '$15$'), 'bcrypt cost of 15; it must be from 4 to 14'],
    [BCRYPT.slice(0, -1), '60 characters'],
    [BCRYPT.replace('$2b', '$2x'), 'a defective version'],
    ['{CRYPT}aaJqGNdXGJ1ls', 'DES'],
    ['$y$j9T$abc$def', 'yescrypt'],
    [`{pepper=other}${BCRYPT}`, 'names the pepper "other"'],
    [`{pepper=constructor}${BCRYPT}`, 'names the pepper "constructor"'],
    [`{pepper=other}${'a'.repeat(40)}`, 'names the pepper "other"'],
    [FIREBASE, 'not the signer key'],
    [FIREBASE.replace('pepper=firebase', 'sk=AAAA'), 'the signer key beside the hash'],
    [`{}${BCRYPT}`, 'a step that does nothing'],
    [`{pepper=shop,at=key}${BCRYPT}`, 'a step that does nothing'],
    [`{salt=c2FsdA}${BCRYPT}`, 'a step that does nothing'],
    [`${'{sha256-hex}'.repeat(5)}${BCRYPT}`, 'more than 4 steps'],
    [`{argon2}{bcrypt}${BCRYPT}`, 'in no form that is supported'],
    ['$digest$5f4dcc3b5aa765d61d8327deb882cf99', 'in no form that is supported'],
    ['{SSHA}ZQmKyte/2XybmwzOdG/qwgvKuYI=', 'is cut off'],
    ['{SHA}kXjK8GreRQnxCpa5LhWlbzePHrB+oSgGo76IWQ==', 'too much at its end'],
    ['{"credentialData": "x", "secretData": "y"}', 'is no JSON of a Keycloak credential'],
    [KEYCLOAK.replace('pbkdf2-sha256', 'md5-custom'), 'algorithm of Keycloak'],
    [KEYCLOAK.replace('1000', '-1'), 'is malformed or cut off'],
    ['scrypt$1000$salt$8$1$AAAA', 'no power of 2'],
    ['a password', 'in no form that is supported'],
  ])('says what %s has wrong', (text, reason) => {
    expect(passwordHashProblem(text, peppers)).toContain(reason);
    expect(parsePasswordHash(text) === null || text.includes('pepper=')).toBe(true);
  });
});

describe('isWeaker', () => {
  const settings = { memoryKib: 19_456, iterations: 2 };
  const argon2 = (memory: number, passes: number) =>
    parsePasswordHash(ARGON2.replace('m=19456,t=2', `m=${memory},t=${passes}`));

  it.each([
    [19_456, 2, false],
    [19_456, 1, true],
    [19_455, 3, true],
    [65_536, 1, false],
    [38_911, 1, true],
    [8, 100, true],
  ])('argon2id of %d KiB and %d passes: %s', (memory, passes, expected) => {
    expect(isWeaker(argon2(memory, passes), settings)).toBe(expected);
  });

  it('any other algorithm, and what is no hash', () => {
    const steps = `{sha256-hex}${ARGON2}`;
    const others = [ARGON2.replace('2id', '2i'), ARGON2.replace('2id', '2d'), ARGON2.replace('v=19', 'v=16')];
    for (const text of [BCRYPT, SCRYPT, PBKDF2, '', steps, ...others])
      expect(isWeaker(parsePasswordHash(text), settings)).toBe(true);
  });
});

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { JwtService } from '@nestjs/jwt';
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '@latchkey/contracts';
import fc from 'fast-check';
import { ACCESS_TOKEN_FORMATS } from '../clients/client-fields.js';
import { newDataKey, toSigningKey, type DataKey } from '../data-keys/data-key.js';
import type { AccessTokenClaims } from './access-token-claims.js';
import type { AccessTokens } from './access-tokens.js';
import { accessTokensWith } from './access-tokens.spec-support.js';
import { acrOf } from './authentication-context.js';
import { encodeHeader, signJwt } from './sign-jwt.js';
import { formatHandle } from './handle-format.js';

const jwt = new JwtService({});

const text = fc.string({ unit: 'binary', maxLength: 12 });
const seconds = fc.integer({ min: 1, max: 4_000_000_000 });
const claims: fc.Arbitrary<AccessTokenClaims> = fc.record(
  {
    iss: text,
    sub: text,
    aud: fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 })),
    exp: seconds,
    iat: seconds,
    jti: fc.uuid(),
    client_id: text,
    scope: text,
    sid: fc.uuid(),
    auth_time: seconds,
    client_epoch: fc.nat(),
    user_epoch: fc.nat(),
    groups: fc.array(text, { maxLength: 3 }),
  },
  {
    requiredKeys: [
      'iss',
      'sub',
      'aud',
      'exp',
      'iat',
      'jti',
      'client_id',
      'scope',
      'sid',
      'auth_time',
      'client_epoch',
    ],
  },
);

/** Only a resource owner has logged in, and `acr` says what `amr` is worth. */
const withLogin = claims.chain((body) =>
  fc
    .constantFrom(['pwd'], ['pwd', 'otp', 'mfa'])
    .map((amr) => (body.user_epoch === undefined ? body : { ...body, amr, acr: acrOf(amr) })),
);

/** The formats, and the algorithms of a JWT. */
const tokenFormat = fc.constantFrom(...ACCESS_TOKEN_FORMATS, ...SIGNING_ALGORITHMS);

type Format = (typeof ACCESS_TOKEN_FORMATS)[number] | SigningAlgorithm;

const create = (tokens: AccessTokens, body: AccessTokenClaims, format: Format) =>
  format === 'opaque'
    ? tokens.create(body, format, 'ES256')
    : tokens.create(body, 'jwt', format === 'jwt' ? 'ES256' : format);

/** An opaque token leaves the groups to introspection. */
function whatIsSaid(body: AccessTokenClaims, format: Format): AccessTokenClaims {
  const { groups, ...rest } = body;
  return format === 'opaque' || groups === undefined ? rest : body;
}

describe('Access tokens, for any claims', () => {
  const signing = newDataKey('signing', 'active');
  const rsa = newDataKey('signing-rs256', 'active');
  const sealing = newDataKey('sealing', 'active');
  const refresh = newDataKey('refresh', 'active');
  const keys = [signing, rsa, sealing, refresh];
  let ours: AccessTokens;
  let foreign: AccessTokens;

  beforeAll(async () => {
    ours = await accessTokensWith(keys);
    foreign = await accessTokensWith([
      newDataKey('signing', 'active'),
      newDataKey('signing-rs256', 'active'),
      newDataKey('sealing', 'active'),
    ]);
  });

  it('say what went into them', () => {
    fc.assert(
      fc.property(withLogin, tokenFormat, (expected, format) => {
        const token = create(ours, expected, format);
        expect(ours.read(token)).toEqual(whatIsSaid(expected, format));
        expect(token.startsWith('lka_')).toBe(format === 'opaque');
        if (format === 'opaque') expect(Buffer.from(token, 'base64url').includes(expected.sid)).toBe(false);
      }),
    );
  });

  it('stay readable when their key is retired, and are nothing to a server that lost it', async () => {
    const retired = keys.map((key): DataKey => ({ ...key, state: 'retired' }));
    const later = await accessTokensWith([...retired, newDataKey('signing', 'active')]);
    fc.assert(
      fc.property(withLogin, tokenFormat, (expected, format) => {
        const token = create(ours, expected, format);
        expect(later.read(token)).toEqual(whatIsSaid(expected, format));
        expect(foreign.read(token)).toBeNull();
      }),
      { numRuns: 50 },
    );
  });

  it('are nothing when the right key has another name, or the name another key', async () => {
    const renamed = await accessTokensWith(
      keys.map((key) => ({ ...key, kid: newDataKey('refresh', 'next').kid })),
    );
    const replaced = await accessTokensWith(
      keys.map(({ kid, purpose, state }) => ({ ...newDataKey(purpose, state), kid })),
    );
    fc.assert(
      fc.property(withLogin, tokenFormat, (expected, format) => {
        const token = create(ours, expected, format);
        expect(renamed.read(token)).toBeNull();
        expect(replaced.read(token)).toBeNull();
      }),
      { numRuns: 30 },
    );
  });

  it('are nothing with any character changed, left out or added', () => {
    const character = fc.oneof(
      fc.constantFrom(...'ABCZabcz019-_+/=. \n\0é'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    );
    fc.assert(
      fc.property(withLogin, tokenFormat, fc.nat(5000), character, (expected, format, position, other) => {
        const token = create(ours, expected, format);
        const at = position % token.length;
        const [before, after] = [token.slice(0, at), token.slice(at + 1)];
        for (const altered of [before + other + after, before + after, before, after, token + other]) {
          if (altered !== token) expect(ours.read(altered)).toBeNull();
        }
        expect(ours.read(before + other + token.slice(at))).toBeNull();
      }),
      { numRuns: 150 },
    );
  });

  it('are written in one way only: the last character of each part cannot be another one', () => {
    fc.assert(
      fc.property(withLogin, tokenFormat, (expected, format) => {
        const token = create(ours, expected, format);
        const ends = [...token.matchAll(/[^.](?=\.|$)/g)].map(({ index }) => index);
        for (const end of ends) {
          for (const character of 'AQgwBCDEhiRSxyz0189-_') {
            const altered = token.slice(0, end) + character + token.slice(end + 1);
            expect(ours.read(altered) !== null).toBe(altered === token);
          }
        }
      }),
      { numRuns: 5 },
    );
  });

  it('are nothing when the same keys made them for something else', () => {
    const { privateKey, publicKey } = toSigningKey(signing);
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const pem = publicKey.export({ format: 'pem', type: 'spki' });
    const rsaPublic = toSigningKey(rsa).publicKey.export({ format: 'pem', type: 'spki' });
    const { kid } = signing;
    fc.assert(
      fc.property(
        withLogin,
        fc.constantFrom('JWT', 'jwt', 'AT+JWT', 'secevent+jwt', undefined),
        (body, typ) => {
          const header = { alg: 'ES256', typ: 'at+jwt', kid };
          const sign = (changes: object, key = privateKey) =>
            jwt.sign(body, { privateKey: key, algorithm: 'ES256', header: { ...header, ...changes } });
          const hmac = jwt.sign(body, {
            secret: pem,
            algorithm: 'HS256',
            header: { ...header, alg: 'HS256' },
          });
          const unsecured = jwt.sign(body, { algorithm: 'none', header: { ...header, alg: 'none' } });
          const [, payload = '', signature = ''] = sign({}).split('.');
          const rsaSign = (claimed: object) =>
            signJwt(encodeHeader(claimed), body, toSigningKey(rsa).privateKey);
          const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
          const handle = { kid: refresh.kid, id: body.sid, generation: 0 };
          for (const token of [
            sign({ typ }),
            sign({ kid: undefined }),
            sign({ kid: sealing.kid }),
            // RFC 8725 section 3.1: the algorithm is the key's, whatever the token says.
            sign({ kid: rsa.kid }),
            `${encode({ ...header, alg: 'RS256' })}.${payload}.${signature}`,
            `${encode({ ...header, kid: rsa.kid, alg: 'RS256' })}.${payload}.${signature}`,
            rsaSign({ ...header, kid: rsa.kid }),
            rsaSign({ ...header, alg: 'RS256', kid: signing.kid }),
            rsaSign({ ...header, alg: 'RS384', kid: rsa.kid }),
            rsaSign({ ...header, alg: 'PS256', kid: rsa.kid }),
            jwt.sign(body, {
              secret: rsaPublic,
              algorithm: 'HS256',
              header: { ...header, alg: 'HS256', kid: rsa.kid },
            }),
            sign({}, stranger),
            hmac,
            unsecured,
            `${encode({ ...header, alg: 'none' })}.${payload}.`,
            `${encode({ ...header, jwk: publicKey.export({ format: 'jwk' }) })}.${payload}.${signature}`,
            `lka_${payload}`,
            formatHandle('lkr_', handle, refresh.material, randomBytes(16)),
          ]) {
            expect(ours.read(token)).toBeNull();
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('are not read from any other text, and nothing throws', () => {
    const sealedLike = fc
      .uint8Array({ maxLength: 80 })
      .map((rest) => Buffer.concat([Buffer.from(sealing.kid, 'base64url'), rest]))
      .map((content) => `lka_${content.toString('base64url')}`);
    const json = fc.oneof(
      fc.json({ maxDepth: 1 }),
      fc.constant(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: signing.kid })),
    );
    const part = json.map((content) => Buffer.from(content).toString('base64url'));
    const jwtLike = fc
      .array(fc.oneof(part, fc.base64String()), { maxLength: 5 })
      .map((parts) => parts.join('.'));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), sealedLike, jwtLike), (token) => {
        expect(ours.read(token)).toBeNull();
      }),
      { numRuns: 500 },
    );
  });
});

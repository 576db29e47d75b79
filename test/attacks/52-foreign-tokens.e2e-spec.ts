import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import {
  keycloak,
  RequireOwner,
  type IssuerOptions,
  type ResourceServerOptions,
} from '@latchkey/resource-server';
import { exportSPKI, importJWK, type CryptoKey } from 'jose';
import { ForeignIssuer, newRsaKey } from '../library/support/foreign-issuer.js';
import { AUDIENCE } from '../library/support/introspection-server.js';
import { startApplication, type ProtectedApplication } from '../library/support/protected-application.js';

@Controller()
class NotesController {
  @Get()
  read() {
    return {};
  }

  @Get('of/:sub')
  @RequireOwner('sub')
  own() {
    return {};
  }
}

const CLAIMS = { sub: 'alice', aud: AUDIENCE, typ: 'Bearer', azp: 'web', preferred_username: 'alice' };
const TYPE = { typ: 'JWT' };

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('Tokens of other issuers', () => {
  let first: ForeignIssuer;
  let second: ForeignIssuer;
  let application: ProtectedApplication | undefined;

  const start = async (options: Partial<ResourceServerOptions>) => {
    application = await startApplication([NotesController], { issuer: '', ...options });
    return async (token: string, path = '/') => (await application!.call(path, token)).status;
  };
  const both = () => [
    keycloak({ issuer: first.issuer, subjectPrefix: '' }),
    keycloak({ issuer: second.issuer, subjectPrefix: 'second:' }),
  ];

  beforeAll(async () => {
    [first, second] = await Promise.all([ForeignIssuer.start(), ForeignIssuer.start('/realms/b')]);
  });

  afterEach(async () => {
    await application?.close();
    for (const issuer of [first, second]) {
      issuer.asked.length = 0;
      issuer.metadata = {};
      issuer.misbehaviour = null;
    }
  });

  afterAll(() => Promise.all([first.stop(), second.stop()]));

  it('are accepted by the keys of their own issuer alone', async () => {
    const status = await start({ issuers: both() });
    expect(await status(await first.sign(CLAIMS, TYPE))).toBe(200);
    expect(await status(await second.sign(CLAIMS, TYPE))).toBe(200);
    // Signed by one, in the name of the other; under the name of the key of the other, too.
    expect(await status(await first.sign({ ...CLAIMS, iss: second.issuer }, TYPE))).toBe(401);
    expect(await status(await second.sign({ ...CLAIMS, iss: first.issuer }, TYPE))).toBe(401);
    for (const iss of [`${first.issuer}/`, first.issuer.toUpperCase(), [first.issuer], undefined]) {
      expect([iss, await status(await first.sign({ ...CLAIMS, iss }, TYPE))]).toEqual([iss, 401]);
    }
  });

  it('name no user of another issuer', async () => {
    const status = await start({ issuers: both() });
    expect(await status(await first.sign(CLAIMS, TYPE), '/of/alice')).toBe(200);
    expect(await status(await second.sign(CLAIMS, TYPE), '/of/alice')).toBe(403);
    expect(await status(await second.sign(CLAIMS, TYPE), '/of/second:alice')).toBe(200);
  });

  it('are refused with other algorithms, keys of their own, no audience or another, or an end in the past', async () => {
    const status = await start({ issuers: [keycloak({ issuer: first.issuer, subjectPrefix: '' })] });
    const good = await first.sign(CLAIMS, TYPE);
    expect(await status(good)).toBe(200);
    const [, payload = '', signature = ''] = good.split('.');
    const [{ kid, jwk }] = first.keys as [(typeof first.keys)[0]];
    const pem = await exportSPKI((await importJWK(jwk, 'RS256')) as CryptoKey);
    const hmac = `${encode({ alg: 'HS256', kid, ...TYPE })}.${payload}`;
    const stranger = await newRsaKey(kid);
    const { kty, n, e } = stranger.jwk;
    const forged = [
      `${encode({ alg: 'none', kid, ...TYPE })}.${payload}.`,
      `${encode({ alg: 'none', kid, ...TYPE })}.${payload}.${signature}`,
      `${hmac}.${createHmac('sha256', pem).update(hmac).digest('base64url')}`,
      `${encode({ alg: 'PS256', kid, ...TYPE })}.${payload}.${signature}`,
      await first.sign(CLAIMS, TYPE, stranger),
      await first.sign(CLAIMS, { ...TYPE, jwk: { kty, n, e } }, stranger),
      await first.sign(CLAIMS, { ...TYPE, jku: `${second.origin}/keys` }, stranger),
      await first.sign(CLAIMS, { ...TYPE, kid: undefined }),
      await first.sign({ ...CLAIMS, aud: undefined }, TYPE),
      await first.sign({ ...CLAIMS, aud: [] }, TYPE),
      await first.sign({ ...CLAIMS, aud: 'account' }, TYPE),
      await first.sign({ ...CLAIMS, exp: 1 }, TYPE),
      await first.sign({ ...CLAIMS, exp: undefined }, TYPE),
      await first.sign({ ...CLAIMS, nbf: 4_000_000_000 }, TYPE),
      await first.sign({ ...CLAIMS, typ: 'ID' }, TYPE),
      await first.sign({ ...CLAIMS, typ: 'Refresh' }, TYPE),
      await first.sign({ ...CLAIMS, cnf: { jkt: 'x' } }, TYPE),
      await first.sign(CLAIMS, { typ: 'logout+jwt' }),
      'opaque',
    ];
    for (const token of forged) expect([token, await status(token)]).toEqual([token, 401]);
    expect(second.asked).toEqual([]);
  });

  it('make no requests to issuers that are not configured, and few to those that are', async () => {
    const status = await start({ issuers: [keycloak({ issuer: first.issuer, subjectPrefix: '' })] });
    for (let index = 0; index < 20; index++) {
      const kid = `invented-${index}`;
      expect(await status(await first.sign(CLAIMS, { ...TYPE, kid }))).toBe(401);
      expect(await status(await second.sign(CLAIMS, { ...TYPE, kid }))).toBe(401);
    }
    expect([first.asked.length, second.asked]).toEqual([2, []]);
  });

  it('make few requests to an issuer that fails, and none of them good', async () => {
    first.misbehaviour = (response) => response.writeHead(500).end();
    const status = await start({ issuers: [keycloak({ issuer: first.issuer, subjectPrefix: '' })] });
    for (let index = 0; index < 20; index++) {
      expect(await status(await first.sign({ ...CLAIMS, jti: String(index) }, TYPE))).toBe(503);
    }
    expect(first.asked).toHaveLength(1);
  });

  it.each<[string, Record<string, unknown>]>([
    ['is of another issuer', { issuer: 'https://elsewhere.example' }],
    ['names no issuer', { issuer: undefined }],
    ['names no keys', { jwks_uri: undefined }],
    ['names keys in a file', { jwks_uri: 'file:///etc/keys.json' }],
  ])('are not judged when the metadata %s', async (_, metadata) => {
    first.metadata = metadata;
    const status = await start({ issuers: [keycloak({ issuer: first.issuer, subjectPrefix: '' })] });
    expect(await status(await first.sign(CLAIMS, TYPE))).toBe(503);
    expect(first.asked).not.toContain('/keys');
  });

  describe('that the application finds', () => {
    const asked: string[] = [];
    const resolver =
      (answer: (issuer: string) => IssuerOptions | null): ResourceServerOptions['issuers'] =>
      (issuer) => {
        asked.push(issuer);
        return Promise.resolve(answer(issuer));
      };
    const tenants = (issuer: string): IssuerOptions | null =>
      issuer === first.issuer ? keycloak({ issuer, subjectPrefix: 'first:' }) : null;

    afterEach(() => {
      asked.length = 0;
    });

    it('are tenants: accepted where found, refused else, and looked for once', async () => {
      const status = await start({ issuers: resolver(tenants) });
      const tokens = await Promise.all(
        [1, 2, 3].map((jti) => first.sign({ ...CLAIMS, jti: `${jti}` }, TYPE)),
      );
      expect(await Promise.all(tokens.map((token) => status(token, '/of/first:alice')))).toEqual([
        200, 200, 200,
      ]);
      for (let times = 0; times < 3; times++)
        expect(await status(await second.sign({ ...CLAIMS, jti: String(times) }, TYPE))).toBe(401);
      expect(asked).toEqual([first.issuer, second.issuer]);
      expect(second.asked).toEqual([]);
    });

    it('are not looked for by names that are too long', async () => {
      const status = await start({ issuers: resolver(tenants) });
      expect(await status(await first.sign({ ...CLAIMS, iss: 'x'.repeat(600) }, TYPE))).toBe(401);
      expect(asked).toEqual([]);
    });

    it.each<[string, (issuer: string) => IssuerOptions | null]>([
      ['another issuer', () => keycloak({ issuer: 'https://x.example', subjectPrefix: 'x:' })],
      ['no subjectPrefix', (issuer) => keycloak({ issuer })],
      ['an ambiguous subjectPrefix', (issuer) => keycloak({ issuer, subjectPrefix: 'a:b:' })],
      [
        'an error',
        () => {
          throw new Error('the database is down');
        },
      ],
    ])('are not judged when it answers with %s', async (_, answer) => {
      const status = await start({ issuers: resolver(answer) });
      expect(await status(await first.sign(CLAIMS, TYPE))).toBe(503);
      expect([first.asked, second.asked]).toEqual([[], []]);
    });
  });
});

import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT, type JWK } from 'jose';
import { DataKeysService } from '../../apps/authorization-server/src/data-keys/data-keys.service.js';
import { administerUser } from '../support/administration.js';
import { aClient, aConfiguration, ALICE, API, aResourceServer, aUser, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectActive, expectInactive } from '../support/expectations.js';
import { send } from '../support/http.js';
import { aClientNamed, credentialsOf, expectSession, type Session } from '../support/sessions.js';
import { canonical } from '../support/second-texts.js';
import { startStack, type Stack } from '../support/stack.js';

const BROAD = credentialsOf('two-audiences');
const OPAQUE = credentialsOf('opaque-backend');
const RSA = credentialsOf('rsa-backend');
const MACHINE = credentialsOf('machine');
const OTHER_API = 'https://other.example.com/';
const GROUPED = { username: 'grouped', password: 'belongs to two' };

describeEachDatabase('RFC 9068: JWT access tokens', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect, {
      configuration: aConfiguration({
        clients: [
          aClient(),
          aResourceServer(),
          aClientNamed(BROAD.clientId, { audience: [OTHER_API, API] }),
          aClientNamed(OPAQUE.clientId, { access_token_format: 'opaque' }),
          aClientNamed(RSA.clientId, { access_token_signing_alg: 'RS256' }),
          aClientNamed(MACHINE.clientId, { grant_types: ['client_credentials'] }),
        ],
        users: [aUser(), aUser({ ...GROUPED, groups: ['staff', 'ops'] })],
      }),
    });
  });

  afterAll(() => stack.stop());

  const login = async (client = SHOP as typeof BROAD, owner = ALICE as typeof GROUPED): Promise<Session> =>
    expectSession(await stack.login(owner, {}, client));

  const verify = async (token: string, algorithms = ['ES256']) =>
    jwtVerify(token, createRemoteJWKSet(new URL(`${stack.issuer}/oauth/jwks`)), {
      issuer: stack.issuer,
      audience: API,
      typ: 'at+jwt',
      algorithms,
      requiredClaims: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'],
    });

  it('verify with the published keys, and say this and nothing else', async () => {
    const { payload, protectedHeader } = await verify((await login()).access_token);
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) });
    expect(payload).toEqual({
      iss: stack.issuer,
      sub: await administerUser(stack, ALICE.username).sub(),
      aud: API,
      exp: Number(payload.iat) + 300,
      iat: expect.any(Number),
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      client_id: SHOP.clientId,
      scope: 'resources:read resources:write',
      sid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      auth_time: payload.iat,
      client_epoch: 0,
      user_epoch: 0,
      amr: ['pwd'],
      acr: 'urn:latchkey:acr:pwd',
    });
  });

  it('name the groups of the owner, and all audiences where there are more', async () => {
    const { payload } = await verify((await login(BROAD, GROUPED)).access_token);
    expect(payload).toMatchObject({ groups: ['staff', 'ops'], aud: [OTHER_API, API] });
  });

  it('are signed with RS256 where the client is registered so, also at a refresh (section 2.1)', async () => {
    const session = await login(RSA);
    const refreshed = expectSession(await stack.refresh(session.refresh_token, {}, RSA));
    for (const { access_token: token } of [session, refreshed]) {
      expect((await verify(token, ['RS256'])).protectedHeader).toMatchObject({ alg: 'RS256', typ: 'at+jwt' });
      await expect(verify(token, ['ES256'])).rejects.toThrow('"alg"');
      expectActive(await stack.introspect(token));
    }
    expect((await stack.revoke(session.access_token, RSA)).status).toBe(200);
    expectInactive(await stack.introspect(refreshed.access_token));
  });

  it('keep auth_time and sid through a refresh, with a jti of their own', async () => {
    const session = await login();
    const refreshed = expectSession(await stack.refresh(session.refresh_token));
    const [before, after] = [decodeJwt(session.access_token), decodeJwt(refreshed.access_token)];
    expect(after).toMatchObject({ sid: before.sid, auth_time: before.auth_time, sub: before.sub });
    expect(after.jti).not.toBe(before.jti);
  });

  it('have the client for subject when it acts on its own behalf', async () => {
    const { access_token: token } = (await stack.token({ grant_type: 'client_credentials' }, MACHINE))
      .json as Session;
    const { payload } = await verify(token);
    expect(payload).toMatchObject({ sub: MACHINE.clientId, client_id: MACHINE.clientId });
    expect(payload.groups).toBeUndefined();
  });

  it('of the opaque kind say nothing to whoever holds them', async () => {
    const [first, second] = [(await login(OPAQUE)).access_token, (await login(OPAQUE)).access_token];
    expect(first).toMatch(/^lka_[A-Za-z0-9_-]+$/);
    const readable = Buffer.from(first.slice(4), 'base64url').toString('latin1');
    expect(readable).not.toMatch(/resources|alice|client_id/);
    // Only the key id at the start is the same; not a block of the same text at the same place.
    const repeated = [...first].filter((character, index) => index > 20 && character === second[index]);
    expect(repeated.length).toBeLessThan(first.length / 4);
    expectActive(await stack.introspect(first));
  });

  describe('that somebody else made are inactive:', () => {
    let token: string;
    let claims: Record<string, unknown>;
    let kid: string;
    let published: JWK;
    let own: { kid: string; privateKey: KeyObject };

    const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const sign = (header: Record<string, unknown>, key: KeyObject): Promise<string> =>
      new SignJWT(claims).setProtectedHeader({ alg: 'ES256', ...header }).sign(key);

    beforeAll(async () => {
      token = (await login()).access_token;
      claims = decodeJwt(token);
      kid = String(decodeProtectedHeader(token).kid);
      const { keys } = (await send(`${stack.issuer}/oauth/jwks`)).json as { keys: JWK[] };
      published = keys.find((key) => key.kid === kid) ?? {};
      own = stack.application.get(DataKeysService).ring.activeSigningKey('ES256');
    });

    it('while the same claims under our key are active', async () => {
      expectActive(await stack.introspect(canonical(await sign({ typ: 'at+jwt', kid }, own.privateKey))));
    });

    it.each(['none', 'None', 'NONE', ''])('the algorithm %j', async (alg) => {
      for (const signature of ['', token.split('.')[2] ?? '']) {
        const unsigned = `${encode({ alg, typ: 'at+jwt', kid })}.${encode(claims)}.${signature}`;
        expectInactive(await stack.introspect(unsigned));
      }
    });

    it.each(['HS256', 'HS512', 'ES256'])('our public key as the secret of HMAC, called %s', async (alg) => {
      const key = createPublicKey({ key: published as JsonWebKey, format: 'jwk' });
      const der = key.export({ format: 'der', type: 'spki' });
      const body = der.toString('base64').replace(/.{64}/g, '$&\n');
      const pem = `-----BEGIN PUBLIC KEY-----\n${body}\n-----END PUBLIC KEY-----`;
      const input = `${encode({ alg, typ: 'at+jwt', kid })}.${encode(claims)}`;
      for (const secret of [pem, `${pem}\n`, der, JSON.stringify(published), String(published.x), '']) {
        const mac = createHmac(alg === 'HS512' ? 'sha512' : 'sha256', secret).update(input);
        expectInactive(await stack.introspect(`${input}.${mac.digest('base64url')}`));
      }
    });

    it('another key under our kid, under its own, under none, and brought along', async () => {
      const jwk = foreign.publicKey.export({ format: 'jwk' });
      const headers = [{ kid }, { kid: 'foreign' }, {}, { jwk }, { kid, jwk }, { kid: '' }];
      for (const header of headers) {
        expectInactive(await stack.introspect(await sign({ typ: 'at+jwt', ...header }, foreign.privateKey)));
      }
    });

    it('our key under another kid', async () => {
      for (const header of [{ kid: 'unknown' }, {}]) {
        expectInactive(await stack.introspect(await sign({ typ: 'at+jwt', ...header }, own.privateKey)));
      }
    });

    it.each(['JWT', 'at+jws', 'id_token+jwt', 'logout+jwt', '', undefined])(
      'the type %j, though we signed it',
      async (typ) => {
        const header = typ === undefined ? { kid } : { kid, typ };
        expectInactive(await stack.introspect(await sign(header, own.privateKey)));
      },
    );

    it('other claims under the signature of these', async () => {
      const [header, , signature] = token.split('.');
      const wider = { ...claims, exp: Number(claims.exp) + 1 };
      expectInactive(await stack.introspect(`${header}.${encode(wider)}.${signature}`));
    });

    it('the zero signature', async () => {
      const [header, payload] = token.split('.');
      const zero = Buffer.alloc(64).toString('base64url');
      expectInactive(await stack.introspect(`${header}.${payload}.${zero}`));
    });

    it('the signature in DER', async () => {
      const [header, payload, signature = ''] = token.split('.');
      const raw = Buffer.from(signature, 'base64url');
      const integer = (bytes: Buffer): Buffer => Buffer.concat([Buffer.of(0x02, 33, 0), bytes]);
      const der = Buffer.concat([
        Buffer.of(0x30, 70),
        integer(raw.subarray(0, 32)),
        integer(raw.subarray(32)),
      ]);
      expectInactive(await stack.introspect(`${header}.${payload}.${der.toString('base64url')}`));
    });
  });
});

import { createHmac, generateKeyPairSync } from 'node:crypto';
import { afterEach, expect, it } from '@jest/globals';
import { SignJWT, type JWTPayload } from 'jose';
import { DataKeysService } from '../../apps/authorization-server/src/data-keys/data-keys.service.js';
import { ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectInactive } from '../support/expectations.js';
import { canonical } from '../support/second-texts.js';
import { claimsOf, expectSession, isActive } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';
import { reissue } from '../support/tokens.js';

describeEachDatabase('Forged JWTs are inactive (RFC 8725)', (dialect) => {
  let stack: Stack;

  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  afterEach(() => stack.stop());

  it('alg confusion, other types, issuers, audiences and keys', async () => {
    stack = await startStack(dialect);
    const keys = stack.application.get(DataKeysService);
    const { kid, privateKey, publicKey } = keys.ring.activeSigningKey('ES256');
    const rsa = keys.ring.activeSigningKey('RS256');
    const session = expectSession(await stack.login(ALICE));
    const { access_token: token } = session;
    const claims: JWTPayload = claimsOf(session);
    const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const sign = (header: Record<string, unknown>, key = privateKey) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid, ...header }).sign(key);
    const [, payload = '', signature = ''] = token.split('.');

    const pem = publicKey.export({ format: 'pem', type: 'spki' });
    const hmac = `${encode({ alg: 'HS256', typ: 'at+jwt', kid })}.${payload}`;
    for (const forged of [
      `${encode({ alg: 'none', typ: 'at+jwt', kid })}.${payload}.`,
      `${encode({ alg: 'none', typ: 'at+jwt', kid })}.${payload}.${signature}`,
      `${hmac}.${createHmac('sha256', pem).update(hmac).digest('base64url')}`,
      // The key of one algorithm, the name of the other one.
      await sign({ kid: rsa.kid }),
      await sign({ alg: 'RS256' }, rsa.privateKey),
      await sign({ alg: 'PS256', kid: rsa.kid }, rsa.privateKey),
      `${encode({ alg: 'RS256', typ: 'at+jwt', kid })}.${payload}.${signature}`,
      canonical(await sign({ typ: 'JWT' })),
      canonical(await sign({ typ: undefined })),
      await sign({}, foreign.privateKey),
      await sign({ kid: 'unknown', jwk: foreign.publicKey.export({ format: 'jwk' }) }, foreign.privateKey),
      reissue(stack, token, { iss: 'https://elsewhere.example.com' }),
      reissue(stack, token, { aud: 'https://elsewhere.example.com/' }),
      reissue(stack, token, { client_id: 'other-backend' }),
    ]) {
      expectInactive(await stack.introspect(forged));
    }
    for (const genuine of [
      canonical(await sign({})),
      await sign({ alg: 'RS256', kid: rsa.kid }, rsa.privateKey),
    ]) {
      expect(await isActive(stack, { ...session, access_token: genuine })).toBe(true);
    }
  });

  it('a flood of unknown key ids makes nobody fetch keys', async () => {
    stack = await startStack(dialect);
    const session = expectSession(await stack.login(ALICE));
    const [, ...rest] = session.access_token.split('.');
    const keys = stack.application.get(DataKeysService);
    let reloads = 0;
    keys.reload = async () => void reloads++;
    const forged = Array.from({ length: 50 }, (_, index) =>
      [encode({ alg: 'ES256', typ: 'at+jwt', kid: `unknown-${index}` }), ...rest].join('.'),
    );
    for (const answer of await Promise.all(forged.map((token) => stack.introspect(token))))
      expectInactive(answer);
    // One of the regular reloads may fall into the test.
    expect(reloads).toBeLessThanOrEqual(1);
  });
});

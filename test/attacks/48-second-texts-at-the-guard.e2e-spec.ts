import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { otherEndings, withOtherSignature } from '../support/second-texts.js';
import { startGuarded, type GuardedApplication } from '../library/support/guarded-application.js';
import { JwtIssuer } from '../library/support/jwt-issuer.js';

describe('Local validation of a second text of a JWT', () => {
  let issuer: JwtIssuer;
  let application: GuardedApplication;

  const questions = () => application.introspection.asked.length;

  beforeEach(async () => {
    issuer = await JwtIssuer.start();
    application = await startGuarded({ options: { validation: 'local', jwks: { uri: issuer.url } } });
  });

  afterEach(async () => {
    await application.stop();
    await issuer.stop();
  });

  it('asks about the other signature that verifies, and takes no other text of the one', async () => {
    const token = await issuer.sign();
    expect(await application.get(token)).toBe(200);
    for (const text of otherEndings(token)) expect(await application.get(text)).toBe(401);
    expect(questions()).toBe(0);
    expect(await application.get(withOtherSignature(token))).toBe(401);
    expect(questions()).toBe(1);
  });

  it('leaves it to a server that signs without a rule', async () => {
    const token = withOtherSignature(await issuer.sign());
    application.introspection.token(token, { sid: 'session-1', client_epoch: 3, user_epoch: 5 });
    expect([await application.get(token), await application.get(token), questions()]).toEqual([200, 200, 1]);
  });
});

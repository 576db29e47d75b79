import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StorageUnavailableError } from '@latchkey/platform/database';
import { RevocationService } from '../../apps/authorization-server/src/oauth/revocation/revocation.service.js';
import { ALICE, SHOP } from '../support/builders.js';
import { LatchkeyInProcess } from '../support/latchkey.js';
import { startStack, type Stack } from '../support/stack.js';

describe('latchkey login', () => {
  const latchkey = new LatchkeyInProcess();
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack('sqlite');
  });

  afterAll(() => stack.stop());

  const login = () =>
    latchkey.run(['login', ALICE.username, '--client-id', SHOP.clientId, '--secrets-stdin'], {
      environment: { LATCHKEY_URL: stack.issuer },
      input: `${SHOP.secret}\n${ALICE.password}\n`,
    });

  it('shows what the owner would get, and ends the login again', async () => {
    const { status, stdout, stderr } = await login();
    expect(status).toBe(0);
    expect(stdout).toMatch(/client_id: +shop-backend/);
    expect(stderr).toContain('the login was ended again');
  });

  it('says that a login lives on when it could not be ended', async () => {
    // A database that fails between the two requests.
    stack.application.get(RevocationService).revoke = () =>
      Promise.reject(new StorageUnavailableError(new Error('the disk is full')));
    const { status, stdout, stderr } = await login();
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toContain('The login works, but could not be ended again');
    expect(stderr).toContain('latchkey authorizations revoke');
  });
});

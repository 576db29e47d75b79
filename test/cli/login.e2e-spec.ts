import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StorageUnavailableError } from '@latchkey/platform/database';
import { RevocationService } from '../../apps/authorization-server/src/oauth/revocation/revocation.service.js';
import { ALICE, BOB, SHOP } from '../support/builders.js';
import { LatchkeyInProcess } from '../support/latchkey.js';
import { enrol, withAccounts, type Owner } from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';

describe('latchkey login', () => {
  const latchkey = new LatchkeyInProcess();
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack('sqlite', { configuration: withAccounts() });
  });

  afterAll(() => stack.stop());

  const login = ({ username, password }: Owner = ALICE) =>
    latchkey.run(['login', username, '--client-id', SHOP.clientId, '--secrets-stdin'], {
      environment: { LATCHKEY_URL: stack.issuer },
      input: `${SHOP.secret}\n${password}\n`,
    });

  it('shows what the owner would get, and ends the login again', async () => {
    const { status, stdout, stderr } = await login();
    expect(status).toBe(0);
    expect(stdout).toMatch(/client_id: +shop-backend/);
    expect(stderr).toContain('the login was ended again');
  });

  it('says that the password is right where a second factor is asked for', async () => {
    await enrol(stack, BOB);
    const { status, stdout, stderr } = await login(BOB);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('The password is right, and a second factor is asked for');
    expect(stderr).not.toContain('lkm_');
    expect(stderr).not.toContain('administrative scope');
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

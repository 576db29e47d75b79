import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ALICE, SHOP } from '../support/builders.js';
import { LatchkeyInProcess } from '../support/latchkey.js';
import { startStack, type Stack } from '../support/stack.js';

describe('latchkey login', () => {
  const latchkey = new LatchkeyInProcess();
  let stack: Stack;
  let withoutRevocation: Server;

  /** The server, but that it cannot revoke anything now. */
  const startWithoutRevocation = () =>
    createServer((incoming, response) => {
      const { method, headers, url = '/' } = incoming;
      if (url === '/oauth/revoke') {
        response.writeHead(503, { 'content-type': 'application/json' });
        response.end('{"error":"temporarily_unavailable"}');
        return;
      }
      const outgoing = request(stack.issuer + url, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      incoming.pipe(outgoing);
    });

  beforeAll(async () => {
    stack = await startStack('sqlite');
    withoutRevocation = startWithoutRevocation();
    await new Promise<void>((done) => withoutRevocation.listen(0, '127.0.0.1', done));
  });

  afterAll(async () => {
    withoutRevocation.closeAllConnections();
    await new Promise((done) => withoutRevocation.close(done));
    await stack.stop();
  });

  const login = (server: string) =>
    latchkey.run(['login', ALICE.username, '--client-id', SHOP.clientId, '--secrets-stdin'], {
      environment: { LATCHKEY_URL: server },
      input: `${SHOP.secret}\n${ALICE.password}\n`,
    });

  it('shows what the owner would get, and ends the login again', async () => {
    const { status, stdout, stderr } = await login(stack.issuer);
    expect(status).toBe(0);
    expect(stdout).toMatch(/client_id: +shop-backend/);
    expect(stderr).toContain('the login was ended again');
  });

  it('says that a login lives on when it could not be ended', async () => {
    const { port } = withoutRevocation.address() as AddressInfo;
    const { status, stdout, stderr } = await login(`http://127.0.0.1:${port}`);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toContain('The login works, but could not be ended again');
    expect(stderr).toContain('latchkey authorizations revoke');
  });
});

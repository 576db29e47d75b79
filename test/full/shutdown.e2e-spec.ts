import { afterEach, expect, it } from '@jest/globals';
import { Drain } from '@latchkey/platform/lifecycle';
import { ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectTokens } from '../support/expectations.js';
import { send } from '../support/http.js';
import { exchange, RawConnection } from '../support/raw-http.js';
import { startStack, type Stack } from '../support/stack.js';

describeEachDatabase('A server that stops', (dialect) => {
  let stack: Stack;

  afterEach(() => stack.stop());

  it('is not ready first, while it still answers, and asks clients to leave their connections', async () => {
    stack = await startStack(dialect, { resourceServer: true });
    expect((await send(`${stack.issuer}/health/ready`)).status).toBe(200);
    const connection = await RawConnection.open(stack.issuer);
    const request = ['GET /health/live HTTP/1.1', 'Host: x', '', ''];
    await connection.send(...request).receives('"ok"');
    expect(connection.received.toLowerCase()).not.toContain('connection: close');

    stack.application.get(Drain).begin();
    const ready = await send(`${stack.issuer}/health/ready`);
    expect(ready.status).toBe(503);
    expect(ready.headers['retry-after']).toBeDefined();
    expect((await send(`${stack.issuer}/health/live`)).status).toBe(200);
    expectTokens(await stack.login(ALICE));
    expect((await connection.send(...request).closed()).toLowerCase()).toContain('connection: close');
  });

  it('answers what is in flight, then closes the database; a connection without a request keeps nobody', async () => {
    stack = await startStack(dialect);
    const { application, issuer } = stack;
    const unused = await RawConnection.open(issuer);
    const kept = await RawConnection.open(issuer);
    await kept.send('GET /health/live HTTP/1.1', 'Host: x', '', '').receives('"ok"');
    const body = 'grant_type=nothing';
    const form = 'Content-Type: application/x-www-form-urlencoded';
    const half = await RawConnection.open(issuer);
    half.send('POST /oauth/token HTTP/1.1', 'Host: x', form, `Content-Length: ${body.length}`, '', 'grant_');
    const logins = Array.from({ length: 3 }, () => stack.login(ALICE));
    await send(`${issuer}/health/live`);

    const closed = application.close();
    for (const login of logins) expectTokens(await login);
    expect(await unused.closed()).toBe('');
    await kept.closed();
    expect(await half.send(body.slice('grant_'.length)).closed()).toContain('"error":');
    await closed;
    await expect(stack.database.ping()).rejects.toThrow();
    await expect(exchange(issuer, '')).rejects.toThrow(/ECONNREFUSED/);
  });
});

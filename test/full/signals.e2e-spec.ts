import { spawn } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MASTER_KEY } from '../support/builders.js';
import { createDatabase, type TestDatabase } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { send } from '../support/http.js';
import { exchange, RawConnection } from '../support/raw-http.js';
import { createServerDatabase } from '../support/server-databases.js';
import { ServerProcess } from '../support/server-process.js';
import { freePort } from '../support/ports.js';

const HALF_A_REQUEST = ['POST /oauth/token HTTP/1.1', 'Host: x', 'Content-Length: 9', '', 'grant'] as const;

describe.each(['authorization-server', 'resource-server'] as const)('Signals to the %s', (program) => {
  let database: TestDatabase;
  let server: ServerProcess | undefined;

  beforeEach(async () => {
    database = await (program === 'authorization-server' ? createServerDatabase : createDatabase)('sqlite');
  });

  afterEach(async () => {
    await server?.stop('SIGKILL');
    await database.drop();
  });

  const environment = (): Record<string, string> => ({
    DATABASE_URL: database.url,
    AUTHORIZATION_SERVER_URL: 'http://127.0.0.1:9',
    CLIENT_ID: 'api',
    CLIENT_SECRET: 'a-secret-of-the-resource-server-01',
    AUDIENCE: 'https://api.example.com',
  });

  const start = async (more: Record<string, string> = {}): Promise<ServerProcess> => {
    const PORT = String(await freePort());
    server = await ServerProcess.start({ program, environment: { PORT, ...environment(), ...more } });
    return server;
  };

  it.each(['SIGTERM', 'SIGINT'] as const)('%s ends it with status 0', async (signal) => {
    const running = await start();
    running.signal(signal);
    expect(await running.ended).toBe(0);
    expect(running.lines.join()).toContain('"msg":"stopped"');
  });

  it('SIGTERM lets it answer for SHUTDOWN_DELAY seconds, and says that it is not ready', async () => {
    const running = await start({ SHUTDOWN_DELAY: '2' });
    running.signal('SIGTERM');
    await running.logs('"msg":"stopping"');
    expect((await send(`${running.url}/health/ready`)).status).toBe(503);
    expect((await send(`${running.url}/health/live`)).status).toBe(200);
    expect(await running.ended).toBe(0);
    await expect(exchange(running.url, '')).rejects.toThrow(/ECONNREFUSED/);
  });

  it('a request that does not end is given up after SHUTDOWN_TIMEOUT seconds, with status 1 and a reason', async () => {
    const running = await start({ SHUTDOWN_TIMEOUT: '1' });
    const connection = await RawConnection.open(running.url);
    connection.send(...HALF_A_REQUEST);
    await send(`${running.url}/health/live`);
    running.signal('SIGTERM');
    expect(await running.ended).toBe(1);
    expect(running.lines.join()).toContain('they took too long');
  });

  it('SIGHUP without a certificate is ignored', async () => {
    const running = await start();
    running.signal('SIGHUP');
    await running.logs('ignored SIGHUP');
    expect((await send(`${running.url}/health/ready`)).status).toBe(200);
    running.signal('SIGTERM');
    expect(await running.ended).toBe(0);
  });

  it('SIGHUP stops it when its terminal was closed', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const command = `exec ${process.execPath} apps/${program}/dist/main.js`;
    // Its terminal is gone when `script` is.
    const terminal = spawn('script', ['--quiet', '--flush', '--command', command, '/dev/null'], {
      env: { ...process.env, ...environment(), PORT: new URL(url).port, LATCHKEY_MASTER_KEY: MASTER_KEY },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let output = '';
    for await (const chunk of terminal.stdout) {
      output += String(chunk);
      if (output.includes('"msg":"ready"')) break;
    }
    expect((await send(`${url}/health/ready`)).status).toBe(200);
    terminal.kill('SIGKILL');
    await eventually(() => expect(exchange(url, '')).rejects.toThrow(/ECONNREFUSED/));
  });

  it('the same signal twice ends it at once', async () => {
    const running = await start({ SHUTDOWN_DELAY: '300' });
    running.signal('SIGTERM');
    await running.logs('"msg":"stopping"');
    running.signal('SIGINT');
    running.signal('SIGTERM');
    expect(await running.ended).toBe(1);
  });
});

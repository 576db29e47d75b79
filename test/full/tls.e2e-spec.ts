import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Agent } from 'undici';
import { send } from '../support/http.js';
import { exchange } from '../support/raw-http.js';
import { ServerProcess } from '../support/server-process.js';
import { freePort } from '../support/ports.js';

const CERTIFICATES = fileURLToPath(new URL('../support/tls/', import.meta.url));

describe('A server with a certificate', () => {
  let folder: string;
  let server: ServerProcess;
  const agent = new Agent({ connect: { rejectUnauthorized: false } });

  const install = async (name: string): Promise<void> => {
    for (const part of ['cert', 'key']) {
      await copyFile(`${CERTIFICATES}${name}-${part}.pem`, join(folder, `${part}.pem`));
    }
  };

  const handshake = async (options: object = {}) => {
    const { hostname, port } = new URL(server.url);
    const socket = connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false, ...options });
    await once(socket, 'secureConnect');
    const result = { name: socket.getPeerCertificate().subject.CN, protocol: socket.getProtocol() };
    socket.destroy();
    return result;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-tls-'));
    await install('first');
    server = await ServerProcess.start({
      environment: {
        NODE_ENV: 'production',
        HOST: '0.0.0.0',
        PORT: String(await freePort()),
        ISSUER: 'https://login.example.com',
        DATABASE_URL: `sqlite:${join(folder, 'latchkey.sqlite')}`,
        TLS_CERT_FILE: join(folder, 'cert.pem'),
        TLS_KEY_FILE: join(folder, 'key.pem'),
        SHUTDOWN_DELAY: '0',
      },
    });
  });

  afterAll(async () => {
    expect(await server.stop()).toBe(0);
    await agent.close();
    await rm(folder, { recursive: true });
  });

  it('answers over HTTPS, asks browsers to stay there, and not over HTTP', async () => {
    const answer = await send(`${server.url}/health/ready`, { dispatcher: agent });
    expect(answer.status).toBe(200);
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
    const plain = await exchange(server.url, 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(plain).not.toContain('200');
  });

  it('takes TLS 1.2 and 1.3, and nothing older', async () => {
    expect(await handshake()).toMatchObject({ protocol: 'TLSv1.3' });
    expect(await handshake({ maxVersion: 'TLSv1.2' })).toMatchObject({ protocol: 'TLSv1.2' });
    await expect(
      handshake({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' }),
    ).rejects.toThrow();
  });

  it('takes a renewed certificate on SIGHUP, and keeps the last one when the new one cannot be used', async () => {
    expect(await handshake()).toMatchObject({ name: 'latchkey test first' });
    await install('second');
    server.signal('SIGHUP');
    await server.logs('reloaded the certificate');
    expect(await handshake()).toMatchObject({ name: 'latchkey test second' });
    await writeFile(join(folder, 'cert.pem'), 'not a certificate');
    server.signal('SIGHUP');
    await server.logs('could not reload the certificate');
    expect(server.lines.join('\n')).toContain(`${join(folder, 'cert.pem')} holds no certificate in PEM form`);
    expect(await handshake()).toMatchObject({ name: 'latchkey test second' });
  });
});

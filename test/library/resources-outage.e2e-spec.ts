import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Database } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { describeEachDatabase } from '../support/databases.js';
import { startResourceApplication, type ResourceApplication } from './support/resource-application.js';

const RESOURCE = { name: 'A name', content: 'Some content' };

describeEachDatabase('When something is broken', (dialect) => {
  let api: ResourceApplication;
  let alice: string;

  beforeEach(async () => {
    api = await startResourceApplication(dialect);
    alice = api.owner('alice');
  });

  afterEach(() => api.stop());

  it('is ready while the authorization server is not there, and says 503 for what needs it', async () => {
    await api.authorizationServer.stop();
    expect((await api.call('GET', '/health/live')).status).toBe(200);
    expect((await api.call('GET', '/health/ready')).status).toBe(200);
    await expectUnavailable(await api.call('GET', '/resources', alice));
  });

  it('hides a defect from the client and tells the log, with the id of the request', async () => {
    await api.server.get(Database).execute(sql`DROP TABLE resource_permissions`);
    const response = await api.call('GET', '/resources', alice);
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ error: 'server_error', error_description: 'The request failed' });
    const line = api.log.find((entry) => entry.includes('failed unexpectedly'));
    expect(line).toContain(response.headers.get('x-request-id'));
  });
});

describe('When PostgreSQL cannot be reached', () => {
  let api: ResourceApplication;
  let way: Way;

  beforeEach(async () => {
    way = await openWay();
    api = await startResourceApplication('postgres', (url) => {
      const target = new URL(url);
      way.to(Number(target.port), target.hostname);
      return Object.assign(target, { hostname: '127.0.0.1', port: String(way.port) }).href;
    });
  });

  afterEach(async () => {
    await api.stop();
    await way.close();
  });

  it('says 503 for requests and readiness, and serves again when it can', async () => {
    const alice = api.owner('alice');
    const id = await api.create(alice);
    await way.close();
    await expectUnavailable(await api.call('GET', '/resources', alice));
    await expectUnavailable(await api.call('POST', '/resources', alice, RESOURCE));
    await expectUnavailable(
      await api.call('PUT', `/resources/${id}/permissions`, alice, { permissions: [] }),
    );
    await expectUnavailable(await api.call('GET', '/health/ready'));
    expect((await api.call('GET', '/health/live')).status).toBe(200);
    await way.open();
    expect((await api.call('GET', `/resources/${id}`, alice)).status).toBe(200);
    expect((await api.call('GET', '/health/ready')).status).toBe(200);
  });
});

async function expectUnavailable(response: Response): Promise<void> {
  expect(response.status).toBe(503);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable' });
}

interface Way {
  port: number;
  to(port: number, host: string): void;
  open(): Promise<void>;
  close(): Promise<void>;
}

/** A way to the database that can be cut. */
async function openWay(): Promise<Way> {
  const sockets = new Set<Socket>();
  let target = { port: 0, host: '' };
  const server = createServer((near) => {
    const far = connect(target);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy()).on('close', () => other.destroy());
      socket.pipe(other);
    }
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    to: (targetPort, host) => (target = { port: targetPort, host }),
    open: () => listen(port),
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Counter, Gauge, Registry } from 'prom-client';
import { createLogger } from '../logging/create-logger.js';
import { ListenError } from '../http/listen-error.js';
import { MetricsServer } from './metrics-server.js';

const FREE = { host: '127.0.0.1', port: 0 };

describe('MetricsServer', () => {
  let registry: Registry;
  let server: MetricsServer;
  let log: string[];

  const logger = createLogger('test', 'info', { write: (line) => void log.push(line) });

  beforeEach(async () => {
    log = [];
    registry = new Registry();
    new Counter({ name: 'test_events_total', help: 'Events', registers: [registry] }).inc(3);
    server = await MetricsServer.open(FREE, registry, logger);
  });

  afterEach(() => server.close());

  it("answers with the application's metrics and the process's, as they are at that moment", async () => {
    const response = await fetch(server.url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const text = await response.text();
    expect(text).toMatch(/^test_events_total 3$/m);
    expect(text).toMatch(/^process_cpu_seconds_total /m);
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);

    (registry.getSingleMetric('test_events_total') as Counter).inc();
    expect(await (await fetch(`${server.url}?x=1`)).text()).toMatch(/^test_events_total 4$/m);
  });

  it('answers HEAD without the text', async () => {
    const response = await fetch(server.url, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    const response = await fetch(server.url, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
    expect(await response.text()).toBe('');
  });

  it.each(['/', '/metrics/', '/metrics/x', '/Metrics', '/%6detrics', '/health/live'])(
    'has nothing at %s',
    async (path) => {
      expect((await fetch(new URL(path, server.url))).status).toBe(404);
    },
  );

  it('tells why metrics could not be collected to the log and not to who asks', async () => {
    const collect = (): void => {
      throw new Error('the reason');
    };
    new Gauge({ name: 'test_broken', help: 'Broken', registers: [registry], collect });
    await server.close();
    server = await MetricsServer.open(FREE, registry, logger);
    const response = await fetch(server.url);
    expect({ status: response.status, text: await response.text() }).toEqual({ status: 500, text: '' });
    expect(log.join()).toContain('the reason');
  });

  it('names the variable when its port is taken', async () => {
    const port = Number(new URL(server.url).port);
    const second = MetricsServer.open({ ...FREE, port }, registry, logger);
    await expect(second).rejects.toThrow(ListenError);
    await expect(second).rejects.toThrow(`METRICS_PORT ${port} is taken`);
  });

  it.each(['unknown.invalid', '192.0.2.1'])(
    'names the variable of a host that is not here: %s',
    async (host) => {
      const opened = MetricsServer.open({ host, port: 0 }, registry, logger);
      await expect(opened).rejects.toThrow(`METRICS_HOST ${host} is `);
    },
  );

  it('closes at once, whoever is still connected', async () => {
    const port = Number(new URL(server.url).port);
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    const closed = once(socket, 'close');
    await server.close();
    await closed;
    await expect(fetch(server.url)).rejects.toThrow();
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fastify, type FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { measureRequests } from './measure-requests.js';

describe('measureRequests', () => {
  let registry: Registry;
  let server: FastifyInstance;
  let url: string;

  beforeEach(async () => {
    registry = new Registry();
    server = fastify();
    measureRequests(server, registry);
    server.get('/slow', async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return '';
    });
    server.get('/things/:id', async (request, reply) => {
      const { id } = request.params as { id: string };
      return reply.status(Number(id)).send('');
    });
    url = await server.listen({ host: '127.0.0.1', port: 0 });
  });

  afterEach(() => server.close());

  /** The number of requests by `METHOD ROUTE STATUS`, once there are so many: an answer arrives before it is measured. */
  async function counts(total: number): Promise<Record<string, number>> {
    for (;;) {
      const found = await measured();
      if (Object.values(found).reduce((sum, count) => sum + count, 0) >= total) return found;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async function measured(): Promise<Record<string, number>> {
    const [metric] = await registry.getMetricsAsJSON();
    return Object.fromEntries(
      (metric?.values ?? [])
        .filter((value) => 'metricName' in value && String(value.metricName).endsWith('_count'))
        .map(({ labels: { method, route, status }, value }) => [
          `${String(method)} ${String(route)} ${String(status)}`,
          value,
        ]),
    );
  }

  it('counts by the template of the route and the class of the status', async () => {
    for (const id of [200, 204, 404, 503]) await fetch(`${url}/things/${id}?x=${id}`);
    expect(await counts(4)).toEqual({
      'GET /things/:id 2xx': 2,
      'GET /things/:id 4xx': 1,
      'GET /things/:id 5xx': 1,
    });
  });

  it('keeps what strangers make up out of the labels', async () => {
    for (const path of ['/secret-1', '/secret-2?password=x', '/things', '/things/200/x'])
      await fetch(url + path);
    await fetch(`${url}/things/200`, { method: 'PROPFIND' });
    expect(await counts(5)).toEqual({ 'any unmatched 4xx': 5 });
  });

  it('measures the time in seconds', async () => {
    await fetch(`${url}/slow`);
    await counts(1);
    const text = await registry.metrics();
    const sum = Number(/_sum\{[^}]*\} (\S+)/.exec(text)?.[1]);
    expect(sum).toBeGreaterThan(0.025);
    expect(text).toMatch(/_bucket\{le="0.025",[^}]*\} 0$/m);
  });
});

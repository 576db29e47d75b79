import type { FastifyInstance, FastifyReply } from 'fastify';
import { Histogram, type Registry } from 'prom-client';

const DURATIONS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const STATUS_CLASSES = ['other', '1xx', '2xx', '3xx', '4xx', '5xx'];

/** Unknown paths share one label, because clients can invent any number of them. */
const UNMATCHED = { method: 'any', route: 'unmatched' };

/**
 * Measures every request by the template of its route, so the number of time series depends on the routes only,
 * whatever clients send. Call it before routes are registered.
 */
export function measureRequests(fastify: Pick<FastifyInstance, 'addHook'>, registry: Registry): void {
  const durations = new Histogram({
    name: 'latchkey_http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer, by method, route and class of status; `_count` is the number of requests',
    labelNames: ['method', 'route', 'status'],
    buckets: DURATIONS,
    registers: [registry],
  });
  const measure = (where: typeof UNMATCHED) => {
    const labels = STATUS_CLASSES.map((status) => ({ ...where, status }));
    return ({ statusCode, elapsedTime }: FastifyReply): void => {
      const statusClass = Math.floor(statusCode / 100);
      durations.observe(labels[statusClass] ?? labels[0] ?? where, elapsedTime / 1000);
    };
  };
  // A hook per route, because reading the route of a request creates an object with all route options.
  fastify.addHook('onRoute', (route) => {
    const methods = [route.method]
      .flat()
      .map((method) => [method, measure({ method, route: route.url })] as const);
    const measures = new Map(methods);
    route.onResponse = [
      ...[route.onResponse ?? []].flat(),
      (request, reply, done) => {
        measures.get(request.method)?.(reply);
        done();
      },
    ];
  });
  const measureUnmatched = measure(UNMATCHED);
  fastify.addHook('onResponse', (request, reply, done) => {
    if (request.is404) measureUnmatched(reply);
    done();
  });
}

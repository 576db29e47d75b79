import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { ConnectionShares } from '../http/connection-shares.js';
import { ListenError } from '../http/listen-error.js';
import type { MetricsEndpoint } from './metrics-endpoint.js';
import { processMetrics } from './process-metrics.js';

const PATH = '/metrics';

/** A scrape is a short request with a few headers. */
const REQUEST_TIMEOUT_MS = 5000;

/** More than any number of scrapers, and few enough to cost little. */
const MAX_CONNECTIONS = 64;

/**
 * Serves the metrics of an application and of its process at `GET /metrics`, in Prometheus' text format, and nothing
 * else. It is separate from the application's own server, so that a proxy in front of that one does not publish them.
 */
export class MetricsServer {
  private constructor(
    private readonly server: Server,
    /** The URL of the metrics: `http://HOST:PORT/metrics`. */
    readonly url: string,
  ) {}

  /** @throws ListenError */
  static async open(
    { host, port }: MetricsEndpoint,
    registry: Registry,
    logger: Logger,
  ): Promise<MetricsServer> {
    const all = Registry.merge([registry, processMetrics()]);
    const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
      answer(request, response, all).catch((error: unknown) => {
        logger.error({ err: error }, 'could not collect metrics');
        refuse(response, 500);
      });
    });
    new ConnectionShares(server, { maxConnections: MAX_CONNECTIONS, isProxy: () => false });
    await listen(server, host, port);
    const { address, family, port: actual } = server.address() as AddressInfo;
    const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}${PATH}`;
    return new MetricsServer(server, url);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new ListenError(error, { host, port }, { host: 'METRICS_HOST', port: 'METRICS_PORT' }));
    });
    server.listen({ host, port }, resolve);
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, registry: Registry): Promise<void> {
  if (request.url?.split('?', 1)[0] !== PATH) {
    refuse(response, 404);
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    refuse(response, 405);
    return;
  }
  const text = await registry.metrics();
  response.setHeader('content-type', registry.contentType);
  response.setHeader('cache-control', 'no-store');
  // Node.js omits the body of a response to HEAD.
  response.end(text);
}

function refuse(response: ServerResponse, status: number): void {
  response.statusCode = status;
  response.end();
}

import {
  Agent,
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const PROBE_INTERVAL_MS = 50;

interface Backend {
  readonly url: string;
  readonly agent: Agent;
  isReady: boolean;
}

/**
 * The least that a balancer does: it asks each server whether it is ready, hands requests in turn to those that are, over
 * connections that it keeps, and never tries one again.
 */
export class Balancer {
  readonly #backends: readonly Backend[];
  readonly #server: Server = createServer((incoming, response) => this.#forward(incoming, response));
  #turn = 0;
  #probing: Promise<unknown> = Promise.resolve();
  #isOpen = true;

  private constructor(urls: readonly string[]) {
    this.#backends = urls.map((url) => ({ url, agent: new Agent({ keepAlive: true }), isReady: false }));
  }

  static async inFrontOf(urls: readonly string[]): Promise<Balancer> {
    const balancer = new Balancer(urls);
    await new Promise<void>((done) => balancer.#server.listen(0, '127.0.0.1', done));
    balancer.#probing = Promise.all(balancer.#backends.map((backend) => balancer.#probe(backend)));
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Waits until it hands requests to a server, or to none of that URL. */
  async until(url: string, isReady: boolean): Promise<void> {
    const backend = this.#backends.find((candidate) => candidate.url === url);
    while (backend?.isReady !== isReady) await pause(PROBE_INTERVAL_MS);
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#probing;
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
    for (const { agent } of this.#backends) agent.destroy();
  }

  async #probe(backend: Backend): Promise<void> {
    while (this.#isOpen) {
      backend.isReady = await fetch(`${backend.url}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
      await pause(PROBE_INTERVAL_MS);
    }
  }

  #forward(incoming: IncomingMessage, response: ServerResponse): void {
    const ready = this.#backends.filter(({ isReady }) => isReady);
    const backend = ready[this.#turn++ % ready.length];
    if (backend === undefined) {
      response.writeHead(502).end('no server is ready');
      return;
    }
    const fail = (error: Error): void => {
      if (!response.headersSent) response.writeHead(502);
      response.end(String(error));
    };
    const { method = 'GET', headers, url = '/' } = incoming;
    const outgoing = request(backend.url + url, { agent: backend.agent, method, headers }, (answer) => {
      const rest = { ...answer.headers };
      // It is about the connection to the server.
      delete rest.connection;
      response.writeHead(answer.statusCode ?? 502, rest);
      answer.on('error', fail).pipe(response);
    });
    incoming.pipe(outgoing.on('error', fail));
  }
}

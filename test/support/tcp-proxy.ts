import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { TestDatabase } from './databases.js';

/** Enough to tell connections apart by what is first asked on them. */
const REMEMBERED = 10_000;

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  sent: string;
}

interface Target {
  readonly host: string;
  readonly port: number;
}

/** Stands between a client and its server, so that a test can take the network away and give it back. */
export class TcpProxy {
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.#accept(client));
  readonly #pairs = new Set<Pair>();
  #port = 0;
  #frozen: ((pair: Pair) => boolean) | null = null;

  private constructor(private target: Target) {}

  static async inFrontOf({ url }: TestDatabase): Promise<TcpProxy> {
    const { hostname: host, port } = new URL(url);
    const proxy = new TcpProxy({ host, port: Number(port || 5432) });
    await proxy.restore();
    return proxy;
  }

  static async inFrontOfServer(url: string): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetOf(url));
    await proxy.restore();
    return proxy;
  }

  /** The server as it is reached through the proxy. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Where new connections lead from now on. */
  leadTo(url: string): void {
    this.target = targetOf(url);
  }

  /** The database as it is reached through the proxy. */
  database(behind: TestDatabase): TestDatabase {
    const url = new URL(behind.url);
    url.hostname = '127.0.0.1';
    url.port = String(this.#port);
    return { ...behind, url: url.href };
  }

  /** Breaks every connection and refuses new ones. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.breakConnections();
    await closed;
  }

  /** Breaks every connection; new ones get through. */
  breakConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /**
   * From now on nothing gets through, in no direction, and nobody is told: as when a machine or a cable is gone.
   *
   * @param connections which ones, by what the client has sent so far; all, unless told otherwise
   */
  freeze(connections: (sent: string) => boolean = () => true): void {
    this.#frozen = ({ sent }) => connections(sent);
    for (const pair of this.#pairs) this.#pipe(pair);
  }

  /** What was held back gets through. */
  thaw(): void {
    this.#frozen = null;
    for (const pair of this.#pairs) this.#pipe(pair);
  }

  /** Listens again, where it did before. */
  async restore(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  #accept(client: Socket): void {
    const server = connect(this.target);
    const pair: Pair = { client, server, sent: '' };
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        this.#pairs.delete(pair);
        other.destroy();
      });
    }
    client.on('data', (bytes: Buffer) => {
      if (pair.sent.length >= REMEMBERED) return;
      pair.sent += bytes.toString('latin1');
      if (this.#frozen?.(pair) === true) this.#pipe(pair);
    });
    this.#pairs.add(pair);
    this.#pipe(pair);
  }

  #pipe(pair: Pair): void {
    const { client, server } = pair;
    const frozen = this.#frozen?.(pair) ?? false;
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.unpipe(to);
      if (frozen) from.pause();
      else from.pipe(to);
    }
  }
}

function targetOf(url: string): Target {
  const { hostname: host, port } = new URL(url);
  return { host, port: Number(port) };
}

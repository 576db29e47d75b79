import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { TestDatabase } from './databases.js';

/** Stands between a server and its PostgreSQL, so that a test can take the network away and give it back. */
export class TcpProxy {
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.#accept(client));
  #port = 0;

  private constructor(private readonly target: { host: string; port: number }) {}

  static async inFrontOf({ url }: TestDatabase): Promise<TcpProxy> {
    const { hostname: host, port } = new URL(url);
    const proxy = new TcpProxy({ host, port: Number(port || 5432) });
    await proxy.restore();
    return proxy;
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
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}

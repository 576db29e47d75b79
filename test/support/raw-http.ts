import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection on which a test writes bytes, HTTP or not. */
export class RawConnection {
  received = '';

  private constructor(readonly socket: Socket) {
    socket.on('data', (bytes: Buffer) => (this.received += bytes.toString()));
    // Being cut off is one of the outcomes.
    socket.on('error', () => undefined);
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    const connection = new RawConnection(socket);
    await once(socket, 'connect');
    return connection;
  }

  send(...lines: string[]): this {
    this.socket.write(lines.join('\r\n'));
    return this;
  }

  /** Waits until the server closes the connection. @returns all that it sent */
  async closed(): Promise<string> {
    if (!this.socket.closed) await once(this.socket, 'close');
    return this.received;
  }

  /** Waits until the server has sent the text. */
  async receives(text: string): Promise<void> {
    while (!this.received.includes(text)) await once(this.socket, 'data');
  }
}

/** Sends bytes on a connection of its own. @returns what came back until the server closed it */
export async function exchange(url: string, ...lines: string[]): Promise<string> {
  return (await RawConnection.open(url)).send(...lines).closed();
}

/** Status and JSON body of one answer. */
export function parseAnswer(text: string): { status: number; head: string; json: unknown } {
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  return { status: Number(head.split(' ', 2)[1]), head: head.toLowerCase(), json: JSON.parse(body) };
}

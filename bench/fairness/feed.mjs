// A resource server that opens streams of the feed without end, and an address that keeps idle connections up to the cap.
import { connect } from 'node:net';
import { addClientLike, RESOURCE_SERVER } from '../support/authorization-server.mjs';
import { basic } from '../support/http-connection.mjs';

export const database = 'sqlite';

const CONNECTIONS = 1000;
export const overrides = { MAX_CONNECTIONS: String(CONNECTIONS) };

const STREAMS = 600;
/** Until a connection that was closed is opened again, on average. Thousands of connections a second are volume, not a share. */
const PAUSE_MS = 1000;
/** Linux alone has all of 127.0.0.0/8; elsewhere attacker and victims are one peer. */
const ADDRESS = process.platform === 'linux' ? '127.0.0.66' : '127.0.0.1';
const NOISY = { id: 'bench-noisy-resource-server', secret: 'bench-noisy-resource-server-secret-0123' };

export function configure(file) {
  addClientLike(file, RESOURCE_SERVER, NOISY);
}

export async function attack({ url, until }) {
  const { hostname: host, port } = new URL(url);
  const counts = { streams: 0, idle: 0 };
  const stream = `GET /oauth/revocations HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(NOISY)}\r\n\r\n`;
  // Like guards, not all at the same moment: more than a thousand connections at once are volume too.
  const pause = (shortest) =>
    new Promise((resolve) => setTimeout(resolve, PAUSE_MS * (shortest + Math.random())));
  const open = new Set();
  const keep = async (kind, text) => {
    await pause(0);
    while (!until()) {
      const socket = connect({ host, port, localAddress: ADDRESS });
      open.add(socket);
      socket.on('error', () => undefined);
      socket.resume();
      const closed = new Promise((resolve) => socket.once('close', resolve));
      if (text !== '') socket.write(text);
      counts[kind]++;
      await closed;
      open.delete(socket);
      await pause(0.5);
    }
  };
  // One timer for all: the attacker shares his core with the victims.
  const end = setInterval(() => {
    if (until()) for (const socket of open) socket.destroy();
  }, 100);
  const streams = Array.from({ length: STREAMS }, () => keep('streams', stream));
  const idle = Array.from({ length: CONNECTIONS }, () => keep('idle', ''));
  await Promise.all([...streams, ...idle]);
  clearInterval(end);
  return counts;
}

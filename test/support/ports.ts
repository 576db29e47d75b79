import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that a system gives to connections that go out (from 32768 on Linux, higher elsewhere): one of those
 * may be taken between the moment in which it is found free and the one in which a server listens on it.
 */
const FIRST_PORT = 15_000;
const LAST_PORT = 32_000;

/** Workers of one run never try the same port. */
const PORTS_OF_A_WORKER = 500;

const worker = Number(process.env.JEST_WORKER_ID ?? 1) % ((LAST_PORT - FIRST_PORT) / PORTS_OF_A_WORKER);
/** Two runs on one machine do not begin with the same port. */
let next = randomInt(PORTS_OF_A_WORKER);

/** A port of 127.0.0.1 for a server that must know it before it listens, as an issuer does. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORTS_OF_A_WORKER; tries++) {
    next = (next + 1) % PORTS_OF_A_WORKER;
    const port = FIRST_PORT + worker * PORTS_OF_A_WORKER + next;
    if (await isFree(port)) return port;
  }
  throw new Error('all ports of this worker are taken');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

// A thread that guesses at names without end, over many connections; tells when all of them are busy, and at the end what
// it got.
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { basic, formPost, HttpConnection } from './http-connection.mjs';

const { url, client, connections } = workerData;
// On Linux this is the thread's own: the clock of the samples goes first on the load's core.
setPriority(constants.priority.PRIORITY_LOW);
const statuses = {};
let stopped = false;
let number = 0;

async function lane() {
  const http = new HttpConnection(url);
  while (!stopped) {
    const headers = { authorization: basic(client), 'latchkey-forwarded-for': '203.0.113.66' };
    const body = `grant_type=password&username=flood-${number++}&password=guess`;
    const { status } = await http.send(formPost('/oauth/token', headers, body));
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (number === 2 * connections) parentPort.postMessage('busy');
  }
  http.close();
}

parentPort.once('message', () => (stopped = true));
await Promise.all(Array.from({ length: connections }, lane));
parentPort.postMessage(statuses);
parentPort.unref();

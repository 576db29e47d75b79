// Requests at times that were fixed beforehand, whatever the server does: a latency counts from when a request was due,
// so that a server which stalls cannot hide it by keeping the load from coming (no coordinated omission).
import { HttpConnection } from './http-connection.mjs';

/**
 * @param server what {@link startServer} gave
 * @param rate requests a second
 * @param connections that are shared, opened when they are needed; a request that finds none free waits, and its latency
 * grows
 * @param until tells when to stop
 * @param next gives the next request as bytes
 * @param onAnswer is given `{ status, body }`, the latency in ms, and when the request was due by `performance.now()`
 * @returns how many requests were sent
 */
export async function openLoop({ server, rate, connections, until, next, onAnswer }) {
  const gap = 1000 / rate;
  const idle = [];
  const everything = [];
  const waiting = [];
  const pending = new Set();
  const start = performance.now();
  let sent = 0;

  const open = () => {
    if (everything.length === connections) return undefined;
    const http = new HttpConnection(server.url);
    everything.push(http);
    return http;
  };
  const begin = (http, due) => {
    const request = http
      .send(next())
      .then((answer) => onAnswer(answer, performance.now() - due, due))
      .then(() => {
        const nextDue = waiting.shift();
        if (nextDue === undefined) idle.push(http);
        else begin(http, nextDue);
      })
      .finally(() => pending.delete(request));
    pending.add(request);
  };
  while (!until()) {
    for (; start + sent * gap <= performance.now(); sent++) {
      const http = idle.pop() ?? open();
      const due = start + sent * gap;
      if (http === undefined) waiting.push(due);
      else begin(http, due);
    }
    // Timers are too coarse for a gap below a millisecond; a turn of the event loop lets the answers in.
    await new Promise((resolve) => setImmediate(resolve));
  }
  while (pending.size > 0) await Promise.all(pending);
  for (const http of everything) http.close();
  return sent;
}

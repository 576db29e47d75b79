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
  const everything = new Set();
  const waiting = [];
  const pending = new Set();
  const start = performance.now();
  let sent = 0;

  const open = () => {
    if (everything.size === connections) return undefined;
    const http = new HttpConnection(server.url);
    everything.add(http);
    return http;
  };
  /** The one that was used last; those that the server has closed meanwhile are replaced. */
  const take = () => {
    for (let http = idle.pop(); http !== undefined; http = idle.pop()) {
      if (http.isOpen) return http;
      everything.delete(http);
    }
    return open();
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
      const http = take();
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

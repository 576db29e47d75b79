// Load over kept-alive connections, each answer checked.
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpConnection } from './http-connection.mjs';
import { percentile } from './statistics.mjs';

/**
 * @param server what {@link startServer} gave: its processor time is read
 * @param next gives a connection its next request as bytes, or `null` when there is nothing left to ask
 * @param check is given `{ status, body }` of each answer and the connection's index, and throws when it is not right
 * @param rate requests a second, evenly spread; without it each connection sends as soon as it has its answer
 * @param onAnswer is told the latency of each counted answer, in ms
 * @returns requests a second, latency in ms, processor time of the server per request in µs (null where it cannot be
 * read), and how busy this process was (0 to 1): near 1, it is the load that was measured
 */
export async function run({ server, connections, seconds, warmUp = 1, next, check, rate, onAnswer }) {
  const latencies = [];
  let counting = false;
  let stopped = false;
  const gap = rate === undefined ? 0 : (connections / rate) * 1000;
  const connection = async (index) => {
    const http = new HttpConnection(server.url);
    let due = performance.now() + (gap * index) / connections;
    for (;;) {
      if (gap > 0) {
        await pauseUntil(due);
        due += gap;
      }
      const request = stopped ? null : next(index);
      if (request === null) break;
      const sent = performance.now();
      check(await http.send(request), index);
      if (!counting) continue;
      const latency = performance.now() - sent;
      latencies.push(latency);
      onAnswer?.(latency);
    }
    http.close();
  };
  const all = Promise.all(Array.from({ length: connections }, (_, index) => connection(index)));
  await Promise.race([atMost(warmUp), all]);
  counting = true;
  const before = server.processorTime();
  const own = process.cpuUsage();
  const start = performance.now();
  await Promise.race([atMost(seconds), all]);
  const elapsed = (performance.now() - start) / 1000;
  const used = before === null ? null : server.processorTime() - before;
  const { user, system } = process.cpuUsage(own);
  const count = latencies.length;
  stopped = true;
  await all;
  latencies.length = count;
  latencies.sort((left, right) => left - right);
  return {
    perSecond: count / elapsed,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    processor: used === null ? null : (used * 1e6) / count,
    loadBusy: (user + system) / 1e6 / elapsed,
  };
}

/** Sends so many requests, counted from the first on. @returns as {@link run} */
export function runEach({ count, next, ...rest }) {
  let left = count;
  return run({ ...rest, seconds: 600, warmUp: 0, next: (index) => (left-- > 0 ? next(index) : null) });
}

/** Does not keep the process when everything was asked before. */
function atMost(seconds) {
  return sleep(seconds * 1000, undefined, { ref: false });
}

async function pauseUntil(due) {
  const wait = due - performance.now();
  if (wait > 1) await sleep(wait);
}

// How long introspection takes while something else happens to the server.
import { openLoop } from './open-loop.mjs';
import { percentile } from './statistics.mjs';

/**
 * Introspects in an open loop; every answer must be that of a live token.
 *
 * @param next gives the next request
 * @param until tells when to stop
 * @returns latencies in ms, each with the time at which its request was due
 */
export async function introspect({ server, rate, next, until }) {
  const latencies = [];
  await openLoop({
    server,
    rate,
    connections: 64,
    until,
    next,
    onAnswer({ status, body }, latency, due) {
      if (status !== 200 || !body.includes('"active":true'))
        throw new Error(`introspection: ${status} ${body}`);
      latencies.push({ latency, due });
    },
  });
  return latencies;
}

/** The 99th percentile of those that were due in a time. */
export function p99(latencies, from = -Infinity, to = Infinity) {
  const chosen = latencies.filter(({ due }) => due >= from && due < to).map(({ latency }) => latency);
  return percentile(
    chosen.sort((left, right) => left - right),
    0.99,
  );
}

/** Tells whether so many milliseconds have passed since now. */
export function after(milliseconds) {
  const end = performance.now() + milliseconds;
  return () => performance.now() >= end;
}

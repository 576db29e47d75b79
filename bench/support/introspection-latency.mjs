// How long introspection takes while something else happens to the server.
import { openLoop } from './open-loop.mjs';
import { percentile } from './statistics.mjs';

/** Latencies in ms and when their requests were due, in memory that no garbage collection of the load has to walk. */
class Latencies {
  #figures = new Float64Array(2 ** 16);
  #length = 0;

  get count() {
    return this.#length / 2;
  }

  add(latency, due) {
    if (this.#length === this.#figures.length) {
      const grown = new Float64Array(2 * this.#length);
      grown.set(this.#figures);
      this.#figures = grown;
    }
    this.#figures[this.#length++] = latency;
    this.#figures[this.#length++] = due;
  }

  /** The 99th percentile of those that were due in a time. */
  p99(from = -Infinity, to = Infinity) {
    const chosen = [];
    for (let index = 0; index < this.#length; index += 2) {
      const due = this.#figures[index + 1];
      if (due >= from && due < to) chosen.push(this.#figures[index]);
    }
    return percentile(
      chosen.sort((left, right) => left - right),
      0.99,
    );
  }
}

/**
 * Introspects in an open loop; every answer must be that of a live token.
 *
 * @param next gives the next request
 * @param until tells when to stop
 */
export async function introspect({ server, rate, next, until }) {
  const latencies = new Latencies();
  await openLoop({
    server,
    rate,
    connections: 64,
    until,
    next,
    onAnswer({ status, body }, latency, due) {
      if (status !== 200 || !body.includes('"active":true'))
        throw new Error(`introspection: ${status} ${body}`);
      latencies.add(latency, due);
    },
  });
  return latencies;
}

/** Tells whether so many milliseconds have passed since now. */
export function after(milliseconds) {
  const end = performance.now() + milliseconds;
  return () => performance.now() >= end;
}

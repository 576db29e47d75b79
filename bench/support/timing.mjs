// How well the times of answers tell classes of requests apart.
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpConnection } from './http-connection.mjs';
import { distinguishability } from './mann-whitney.mjs';
import { median } from './statistics.mjs';

const LIMIT = 0.55;
const LANES = 8;

/** The largest area that passes. Of fewer samples than 2,000 the area varies by more than the limit allows. */
export function limitFor(samples) {
  return samples >= 2000 ? LIMIT : 0.5 + 2.5 * Math.sqrt(1 / (6 * samples));
}

/** Sends a request and gives its time in ms. @throws Error unless the status is the expected one */
export async function timed(http, request, expectedStatus) {
  const sent = performance.now();
  const { status, body } = await http.send(request);
  if (status !== expectedStatus) throw new Error(`the server answered ${status} ${body}`);
  return performance.now() - sent;
}

/**
 * One sample after another of all classes in turn; the pauses keep the samples themselves from being a load.
 *
 * @param classes by their names `{ status, next }`: the status of the answer, and what gives the next request
 * @param rate samples a second, of all classes together
 * @returns the times in ms by the names of the classes
 */
export async function measure({ server, classes, samples, rate }) {
  const times = Object.fromEntries(Object.keys(classes).map((name) => [name, []]));
  let left = samples;
  const lane = async () => {
    let http = new HttpConnection(server.url);
    while (left-- > 0) {
      for (const name of Object.keys(classes).sort(() => Math.random() - 0.5)) {
        await sleep((Math.random() * 2000 * LANES) / rate);
        // On a slow machine the pauses are longer than the server keeps a connection.
        if (!http.isOpen) http = new HttpConnection(server.url);
        const { next, status } = classes[name];
        times[name].push(await timed(http, next(), status));
      }
    }
    http.close();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return times;
}

/**
 * Prints medians and areas.
 *
 * @param pairs of names of classes; all of them when left out
 * @returns the largest area
 */
export function report(condition, times, pairs = allPairs(Object.keys(times))) {
  const [{ length: samples }] = Object.values(times);
  console.log(`\n${condition}: ${samples} samples of each class; median ms`);
  console.table(
    Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all).toFixed(2)])),
  );
  const areas = pairs.map(([left, right]) => [left, right, distinguishability(times[left], times[right])]);
  const limit = limitFor(samples);
  console.table(
    areas.map(([left, right, area]) => ({ left, right, area: area.toFixed(3), ok: area <= limit })),
  );
  return Math.max(...areas.map(([, , area]) => area));
}

function allPairs(names) {
  return names.flatMap((left, index) => names.slice(index + 1).map((right) => [left, right]));
}

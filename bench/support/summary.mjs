// What the rounds of a benchmark come down to: medians, spread, and ratios between them.
import { median } from './statistics.mjs';

/** @param measurements `[{ name, rounds }]` */
export function summarise(measurements) {
  return new Map(
    measurements.map(({ name, rounds }) => {
      const rates = rounds.map(({ perSecond }) => perSecond);
      const of = (figure) => {
        const values = rounds.map((round) => round[figure]).filter((value) => typeof value === 'number');
        return values.length === 0 ? null : median(values);
      };
      const figures = {
        perSecond: median(rates),
        min: Math.min(...rates),
        max: Math.max(...rates),
        p50: of('p50'),
        p99: of('p99'),
        processor: of('processor'),
        loadBusy: of('loadBusy'),
      };
      return [name, figures];
    }),
  );
}

/** What we want to be true, as ratios of medians; each says which measurements it compares. */
const TARGETS = [
  ['introspection, opaque: latchkey', 'introspection, opaque: oidc-provider in memory', 3],
  ['introspection, JWT: latchkey', 'introspection, opaque: oidc-provider in memory', 3],
  ['introspection, opaque: latchkey', 'ceiling: node:http', 0.35],
  ['introspection, JWT: latchkey', 'ceiling: node:http', 0.35],
  ['refresh: latchkey on SQLite', 'refresh: oidc-provider in memory', 2],
  ['refresh: latchkey on SQLite', 'refresh: oidc-provider on SQLite', 3],
  ['refresh: latchkey on SQLite', 'refresh: node-oauth2-server on SQLite', null],
  ['refresh: latchkey on SQLite', 'ceiling: better-sqlite3, a commit each', null],
  ['password: latchkey on SQLite', 'ceiling: verifySync in one worker', 0.9],
  ['client credentials: latchkey on SQLite', 'client credentials: oidc-provider on SQLite', null],
];

/** @param summary of {@link summarise} @returns `[{ name, to, ratio, target }]` of what was measured */
export function ratiosOf(summary) {
  return TARGETS.filter(([name, to]) => summary.has(name) && summary.has(to)).map(([name, to, target]) => ({
    name,
    to,
    ratio: summary.get(name).perSecond / summary.get(to).perSecond,
    target,
  }));
}

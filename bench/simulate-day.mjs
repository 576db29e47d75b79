// A day of 100 million users, minute by minute, from what one request costs:
//   node bench/simulate-day.mjs [--users 100000000]
//
// It reads the costs that `node bench/replicas.mjs` measured on this machine, where there are any, and says what each
// part of an installation has to carry at its busiest minute. What the numbers mean is in docs/scaling.md.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { saveResults } from './support/results.mjs';
import { root } from './support/server.mjs';
import { linePlot } from './support/svg.mjs';
import { table } from './support/tables.mjs';

const MINUTES = 1440;

/** How people use it. All of these are assumptions; change them to yours. */
const HABITS = {
  /** The share of users who come on a day, and how often each of them comes. */
  activeShare: 0.3,
  visitsADay: 4,
  visitMinutes: 10,
  /** A login lasts as long as the refresh token: 30 days, unless it lay idle for 7. */
  loginsPerUserAndDay: 1 / 14,
  logoutsPerLogin: 0.2,
  /** Access tokens of 5 minutes. */
  refreshesPerVisit: 2,
  /** Requests to APIs during a visit, and how many API processes share them. */
  callsPerVisit: 60,
  apiProcesses: 50,
  /** The busiest minute against ten in the morning. */
  peak: 2.2,
  /** Sessions that are alive per user who has logged in within their lifetime. */
  liveSessionsPerUser: 1.3,
};

/**
 * Processor time in µs, statements and bytes of WAL for each request: measured, or else of a quiet core of 2026.
 * A login's processor time is its argon2id hash of 19 MiB.
 */
const COSTS = {
  introspection: { server: 50, database: 0, statements: 0, walBytes: 0 },
  refresh: { server: 150, database: 90, statements: 1, walBytes: 220 },
  password: { server: 12_500, database: 250, statements: 4, walBytes: 1400 },
  revocation: { server: 200, database: 150, statements: 5, walBytes: 700 },
};
const BYTES_PER_SESSION = 400;

const ALL_DAY = Array.from({ length: MINUTES }, (_, minute) => intensity(minute)).reduce(
  (sum, one) => sum + one,
);

const { values } = parseArgs({ options: { users: { type: 'string', default: '100000000' } } });
const users = Number(values.users);
const costs = readCosts();
const minutes = Array.from({ length: MINUTES }, (_, minute) => simulateMinute(minute));
const busiest = minutes.reduce((most, minute) => (minute.refresh > most.refresh ? minute : most));

const operations = Object.keys(COSTS);
const text = [
  `${users.toLocaleString('en')} users, ${(users * HABITS.activeShare).toLocaleString('en')} of them on a day.`,
  table(
    [
      'operation',
      'on the day',
      'a second, on average',
      'a second, at the peak',
      'server cores at the peak',
      'database cores',
      'WAL MB/s',
    ],
    operations.map((operation) => {
      const total = minutes.reduce((sum, minute) => sum + minute[operation], 0);
      const peak = busiest[operation] / 60;
      const { server, database, walBytes } = costs[operation];
      return [
        operation,
        total.toLocaleString('en'),
        (total / 86_400).toFixed(0),
        peak.toFixed(0),
        ((peak * server) / 1e6).toFixed(1),
        ((peak * database) / 1e6).toFixed(1),
        ((peak * walBytes) / 1e6).toFixed(1),
      ];
    }),
  ),
  table(
    ['at the peak', 'needed'],
    [
      ['server cores, at 60 % use', (sum('server') / 0.6).toFixed(0)],
      ['database cores, at 50 % use', (sum('database') / 0.5).toFixed(0)],
      ['statements/s', Math.round(sum('statements') * 1e6).toLocaleString('en')],
      ['WAL, MB/s', sum('walBytes').toFixed(1)],
      ['live sessions', (users * HABITS.liveSessionsPerUser).toLocaleString('en')],
      ['sessions on disk, GB', ((users * HABITS.liveSessionsPerUser * BYTES_PER_SESSION) / 1e9).toFixed(0)],
    ],
  ),
].join('\n\n');
console.log(text);
const points = (operation) => minutes.map((minute) => [minute.hour, minute[operation] / 60]);
saveResults('day', { users, habits: HABITS, costs, busiest }, text, {
  'day.svg': linePlot(
    `A day of ${users.toLocaleString('en')} users`,
    'o’clock',
    operations.map((operation) => ({ label: operation, unit: '/s', points: points(operation) })),
  ),
});

/** Cores, millions of statements or megabytes a second at the busiest minute. */
function sum(figure) {
  return operations.reduce(
    (total, operation) => total + ((busiest[operation] / 60) * costs[operation][figure]) / 1e6,
    0,
  );
}

function simulateMinute(minute) {
  const active = users * HABITS.activeShare;
  const share = intensity(minute) / ALL_DAY;
  const visits = drawn(active * HABITS.visitsADay * share);
  const logins = drawn(users * HABITS.loginsPerUserAndDay * share);
  const refreshes = visits * HABITS.refreshesPerVisit;
  // An API process asks once for each token that reaches it, and then knows it until it ends or is revoked.
  const tokens = refreshes + logins;
  const callsPerToken = (HABITS.callsPerVisit * visits) / Math.max(1, tokens);
  const processesPerToken = HABITS.apiProcesses * (1 - (1 - 1 / HABITS.apiProcesses) ** callsPerToken);
  return {
    hour: minute / 60,
    introspection: Math.round(tokens * processesPerToken),
    refresh: refreshes,
    password: logins,
    revocation: drawn(logins * HABITS.logoutsPerLogin),
  };
}

/** A busy evening and a quiet night. */
function intensity(minute) {
  const wave = Math.cos(((minute / 60 - 20) / 24) * 2 * Math.PI);
  return wave > 0 ? 1 + (HABITS.peak - 1) * wave : 1 + wave * 0.8;
}

/** How many come in a minute when so many are expected: Poisson, which for such numbers is normal. */
function drawn(expected) {
  const normal = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  return Math.max(0, Math.round(expected + normal * Math.sqrt(expected)));
}

function readCosts() {
  const file = join(root, '.reports/bench/replicas.json');
  if (!existsSync(file)) return COSTS;
  const rows = JSON.parse(readFileSync(file, 'utf8')).filter(({ replicas }) => replicas === 1);
  return Object.fromEntries(
    Object.entries(COSTS).map(([operation, assumed]) => {
      const row = rows.find((measured) => measured.operation === operation);
      if (row === undefined) return [operation, assumed];
      const { processor, statements, walBytes } = row;
      return [operation, { server: processor.server, database: processor.database, statements, walBytes }];
    }),
  );
}

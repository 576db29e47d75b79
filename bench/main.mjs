// npm run bench -- [--quick] [--only PATTERN] [--rounds N] [--seconds N] [--publish]
//
// Measures our servers, their peers and raw ceilings: one core for the server, one for the load. The results go to
// .reports/bench; with --publish the figures and plots that the documentation shows are renewed too.
import { spawnSync } from 'node:child_process';
import { CONNECTIONS, measureRequests } from './requests.mjs';
import { readOptions } from './support/options.mjs';
import { installPeers } from './support/peers.mjs';
import { machine, saveResults } from './support/results.mjs';
import { pinLoad, root } from './support/server.mjs';
import { ratiosOf, summarise } from './support/summary.mjs';
import { barPlot } from './support/svg.mjs';
import { memoryTable, ratiosTable, requestsTable } from './support/tables.mjs';

const options = readOptions();
const report = (line) => console.error(line);

installPeers();
const pinned = pinLoad();
const { measurements, peakMemory } = await measureRequests({ ...options, report });
const summary = summarise(measurements);
const ratios = ratiosOf(summary);

const conditions =
  `${CONNECTIONS} connections, ${options.rounds} rounds of ${options.seconds} s, ` +
  (pinned ? 'one core for the server and one for the load' : 'not pinned to cores');
const text = [conditions, requestsTable(summary), ratiosTable(ratios), memoryTable(peakMemory)].join('\n\n');
console.log(`\n${machine}\n\n${text}`);
saveResults('requests', { machine, conditions, measurements, ratios, peakMemory }, text, plots());

if (options.only.test('guarded route')) {
  report('\nthe guarded route ...');
  spawnSync(process.execPath, ['bench/guarded-route.mjs', String(options.rounds), String(options.seconds)], {
    cwd: root,
    stdio: 'inherit',
  });
}

function plots() {
  const files = {};
  for (const operation of ['introspection', 'refresh', 'password']) {
    const bars = [...summary]
      .filter(([name]) => name.startsWith(operation))
      .map(([name, { perSecond, min, max }]) => ({
        label: name.replace(/^(introspection), (.+): (.+)$/, '$3, $2').replace(/^\w+: /, ''),
        value: perSecond,
        min,
        max,
        ours: name.includes('latchkey'),
      }))
      .sort((one, other) => other.value - one.value);
    if (bars.length > 0) files[`${operation}.svg`] = barPlot(operation, 'requests a second, one core', bars);
  }
  return files;
}

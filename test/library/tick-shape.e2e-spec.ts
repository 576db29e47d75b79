import { afterAll, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-tick-shape-'));
const log = join(folder, 'maps.log');
const library = new URL('../../libs/resource-server/dist/bearer/tick-shape.js', import.meta.url);

/** Ticks, and collections of the heap while none is queued. */
const SCRIPT = `
  import { setTimeout as sleep } from 'node:timers/promises';
  import { keepTickShape } from '${library.href}';
  keepTickShape();
  for (let round = 0; round < 6; round++) {
    for (let tick = 0; tick < 100; tick++) await new Promise((resolve) => process.nextTick(resolve));
    await sleep(5);
    for (let collection = 0; collection < 3; collection++) globalThis.gc();
  }
`;

afterAll(() => rmSync(folder, { recursive: true }));

it('V8 makes the shape of a tick once, however often the heap is collected', () => {
  const flags = ['--expose-gc', '--log-maps', `--logfile=${log}`, '--no-logfile-per-isolate'];
  const { status, stderr } = spawnSync(process.execPath, [...flags, '--input-type=module', '-e', SCRIPT], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  // None where Node.js makes them another way.
  const made = readFileSync(log, 'utf8').match(/^map,Transition,.*trigger_async_id_symbol/gm) ?? [];
  expect(made.length).toBeLessThanOrEqual(1);
});

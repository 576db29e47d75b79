import { afterAll, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-tick-shape-'));
const log = join(folder, 'maps.log');
const library = new URL('../../libs/resource-server/dist/bearer/tick-shape.js', import.meta.url);

/** Ticks, and collections of the heap while none is queued. */
const ticks = (begin: string): string => `
  import { setTimeout as sleep } from 'node:timers/promises';
  import { keepTickShape } from '${library.href}';
  ${begin}
  for (let round = 0; round < 6; round++) {
    for (let tick = 0; tick < 100; tick++) await new Promise((resolve) => process.nextTick(resolve));
    await sleep(5);
    for (let collection = 0; collection < 3; collection++) globalThis.gc();
  }
`;

/** Prints how many of the ticks that were queued while the library was imported outlive a collection. */
const IMPORT = `
  import 'reflect-metadata';
  import { createHook } from 'node:async_hooks';
  import { setTimeout as sleep } from 'node:timers/promises';
  const ticks = [];
  const init = (id, type, trigger, tick) => type === 'TickObject' && ticks.push(new WeakRef(tick));
  const hook = createHook({ init }).enable();
  await import('@latchkey/resource-server');
  hook.disable();
  await sleep(20);
  globalThis.gc();
  console.log(ticks.filter((tick) => tick.deref() !== undefined).length);
`;

function run(script: string, flags: string[] = []) {
  const parameters = ['--expose-gc', ...flags, '--input-type=module', '-e', script];
  const { status, stdout, stderr } = spawnSync(process.execPath, parameters, { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

/** How often V8 makes the shape of a tick, beginning with the object of two numbers that Node.js 20 writes first. */
function shapesMade(begin: string): number {
  run(ticks(begin), ['--log-maps', `--logfile=${log}`, '--no-logfile-per-isolate']);
  return readFileSync(log, 'utf8').match(/^map,Transition,.*trigger_async_id_symbol/gm)?.length ?? 0;
}

afterAll(() => rmSync(folder, { recursive: true }));

it('V8 makes the shape of a tick once where one is kept, and again and again where none is', () => {
  const without = shapesMade('');
  expect(shapesMade('keepTickShape();')).toBeLessThanOrEqual(1);
  // Later versions of Node.js make ticks in another way, and the test says nothing about them.
  if (process.version.startsWith('v20.')) expect(without).toBeGreaterThan(1);
});

it('an application that imports the library keeps a tick', () => {
  expect(run(IMPORT)).toBe('1\n');
});

import { afterAll, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-tick-shape-'));
const log = join(folder, 'maps.log');
const library = new URL('../../libs/resource-server/dist/bearer/tick-shape.js', import.meta.url);

/** Ticks, and collections of the heap while none is queued. */
const TICKS = `
  import { setTimeout as sleep } from 'node:timers/promises';
  import { keepTickShape } from '${library.href}';
  keepTickShape();
  for (let round = 0; round < 6; round++) {
    for (let tick = 0; tick < 100; tick++) await new Promise((resolve) => process.nextTick(resolve));
    await sleep(5);
    for (let collection = 0; collection < 3; collection++) globalThis.gc();
  }
`;

/** Prints how many of the ticks that were queued while a guarded application began outlive a collection. */
const APPLICATION = `
  import 'reflect-metadata';
  import { createHook } from 'node:async_hooks';
  import { setTimeout as sleep } from 'node:timers/promises';
  import { NestFactory } from '@nestjs/core';
  import { FastifyAdapter } from '@nestjs/platform-fastify';
  import { ResourceServerModule } from '@latchkey/resource-server';
  const guarded = ResourceServerModule.register({
    introspectionEndpoint: 'https://as.example/introspect',
    clientId: 'api',
    clientSecret: 'the-secret',
    issuer: 'https://as.example',
    audience: 'https://api.example',
  });
  const application = await NestFactory.create(guarded, new FastifyAdapter(), { logger: false });
  const ticks = [];
  const init = (id, type, trigger, tick) => type === 'TickObject' && ticks.push(new WeakRef(tick));
  const hook = createHook({ init }).enable();
  await application.init();
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

afterAll(() => rmSync(folder, { recursive: true }));

it('V8 makes the shape of a tick once, however often the heap is collected', () => {
  run(TICKS, ['--log-maps', `--logfile=${log}`, '--no-logfile-per-isolate']);
  // None where Node.js makes them another way.
  const made = readFileSync(log, 'utf8').match(/^map,Transition,.*trigger_async_id_symbol/gm) ?? [];
  expect(made.length).toBeLessThanOrEqual(1);
});

it('a guarded application keeps a tick', () => {
  expect(run(APPLICATION)).toBe('1\n');
});

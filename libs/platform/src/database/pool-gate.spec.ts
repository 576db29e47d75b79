import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { POOL_SIZE, PoolGate, WORK_CLASSES } from './pool-gate.js';

describe('PoolGate', () => {
  const refusals: string[] = [];

  // Nobody waits until the deadline here.
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  /** @returns the places that a class has, all of them taken now */
  async function exhaust(gate: PoolGate, work: (typeof WORK_CLASSES)[number]): Promise<(() => void)[]> {
    const leaving: (() => void)[] = [];
    while (gate.use(work).waiting === 0) {
      void gate.enter(work).then((leave) => leaving.push(leave));
      await Promise.resolve();
    }
    return leaving;
  }

  it('gives each class places of its own, and leaves a connection to the probe', async () => {
    const gate = new PoolGate((work, reason) => refusals.push(`${work} ${reason}`));
    let places = 0;
    const leaving: (() => void)[] = [];
    for (const work of WORK_CLASSES) {
      leaving.push(...(await exhaust(gate, work)));
      places += gate.use(work).running;
    }
    expect(places).toBe(POOL_SIZE - 1);
    for (const leave of leaving) leave();
    for (const work of WORK_CLASSES) expect(gate.use(work)).toEqual({ running: 1, waiting: 0 });
  });

  it('bounds what waits, class by class', async () => {
    const gate = new PoolGate((work, reason) => refusals.push(`${work} ${reason}`));
    await exhaust(gate, 'administration');
    for (let waiting = 1; waiting < 1000; waiting++) void gate.enter('administration');
    await expect(gate.enter('administration')).rejects.toThrow('unavailable');
    expect(refusals).toEqual(['administration full']);
    (await gate.enter('requests'))();
    expect(gate.use('requests')).toEqual({ running: 0, waiting: 0 });
  });
});

import { describe, expect, it } from '@jest/globals';
import { HashQueue, HashQueueFullError, type HashOrigin } from './hash-queue.js';

const origin = (source: string, known = false): HashOrigin => ({ client: 'shop', source, known });
const ANY = origin('198.51.100.1');
const ATTACKER = origin('203.0.113.1');

/** A task that ends when it is told to. */
function task() {
  let finish: () => void = () => undefined;
  let started = false;
  const done = new Promise<void>((resolve) => (finish = resolve));
  return {
    run: () => {
      started = true;
      return done;
    },
    finish: () => finish(),
    get started() {
      return started;
    },
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('HashQueue', () => {
  it('runs as many as it may and the others in order', async () => {
    const queue = new HashQueue({ concurrency: 2, queueLimit: 10, deadlineMs: 60_000 });
    const tasks = [task(), task(), task(), task()];
    const running = tasks.map(({ run }) => queue.run(run, ANY));
    const state = () => tasks.map(({ started }) => started);
    expect(state()).toEqual([true, true, false, false]);
    expect(queue.depth).toBe(2);
    tasks[1]?.finish();
    await settled();
    expect(state()).toEqual([true, true, true, false]);
    for (const each of tasks) each.finish();
    await Promise.all(running);
    expect(state()).toEqual([true, true, true, true]);
    expect(queue.depth).toBe(0);
  });

  it('has room until it is full, and again when a task has ended', async () => {
    const queue = new HashQueue({ concurrency: 1, queueLimit: 1, deadlineMs: 60_000 });
    const refused: string[] = [];
    queue.observer = {
      started: () => undefined,
      ended: () => undefined,
      refused: (why) => refused.push(why),
    };
    const [first, second] = [task(), task()];
    queue.assertRoom(ANY);
    const running = [queue.run(first.run, ANY)];
    queue.assertRoom(ANY);
    running.push(queue.run(second.run, ANY));
    expect(() => queue.assertRoom(ANY)).toThrow(HashQueueFullError);
    expect(refused).toEqual(['full']);
    first.finish();
    await settled();
    queue.assertRoom(ANY);
    second.finish();
    await Promise.all(running);
  });

  it('refuses at once what does not fit', async () => {
    const queue = new HashQueue({ concurrency: 1, queueLimit: 1, deadlineMs: 60_000 });
    const [first, second, third] = [task(), task(), task()];
    const running = [queue.run(first.run, ANY), queue.run(second.run, ANY)];
    await expect(queue.run(third.run, ANY)).rejects.toBeInstanceOf(HashQueueFullError);
    expect(third.started).toBe(false);
    first.finish();
    second.finish();
    await Promise.all(running);
  });

  it('refuses what has waited too long, and never starts it', async () => {
    const queue = new HashQueue({ concurrency: 1, queueLimit: 5, deadlineMs: 10 });
    const [first, second, third] = [task(), task(), task()];
    const running = queue.run(first.run, ANY);
    await expect(queue.run(second.run, ANY)).rejects.toBeInstanceOf(HashQueueFullError);
    expect(queue.depth).toBe(0);
    first.finish();
    await running;
    third.finish();
    await queue.run(third.run, ANY);
    expect([second.started, third.started]).toEqual([false, true]);
  });

  it('lets pass in turn, before the task behind and after the one in front', async () => {
    const queue = new HashQueue({ concurrency: 1, queueLimit: 5, deadlineMs: 60_000 });
    const tasks = [task(), task(), task()];
    const ended: string[] = [];
    const note = (name: string) => () => void ended.push(name);
    const all = [
      ...tasks.slice(0, 2).map(({ run }, index) => queue.run(run, ANY).then(note(`task ${index}`))),
      queue.pass(ANY).then(note('passed')),
      queue.pass(ANY).then(note('passed')),
      ...tasks.slice(2).map(({ run }) => queue.run(run, ANY).then(note('task 2'))),
    ];
    tasks[0]?.finish();
    await settled();
    expect(ended).toEqual(['task 0']);
    expect(queue.depth).toBe(1);
    tasks[1]?.finish();
    await Promise.all(all.slice(2, 4));
    expect(ended).toEqual(['task 0', 'task 1', 'passed', 'passed']);
    expect(tasks[2]?.started).toBe(true);
    expect(queue.depth).toBe(0);
    tasks[2]?.finish();
    await Promise.all(all);
    expect(queue.running).toBe(0);
  });

  it('takes as long to let pass as the latest task took', async () => {
    const queue = new HashQueue({ concurrency: 1, queueLimit: 5, deadlineMs: 60_000 });
    await queue.run(() => new Promise((resolve) => setTimeout(resolve, 60)), ANY);
    const begun = performance.now();
    await queue.pass(ANY);
    expect(performance.now() - begun).toBeGreaterThan(50);
  });

  it('refuses to let pass where a task would be refused, and refuses no task because of what passes', async () => {
    const queue = new HashQueue({ concurrency: 1, queueLimit: 1, deadlineMs: 20 });
    const [first, second] = [task(), task()];
    const running = queue.run(first.run, ANY);
    const passing = [queue.pass(ANY), queue.pass(ANY)];
    const late = queue.run(second.run, ANY);
    await expect(queue.pass(ANY)).rejects.toBeInstanceOf(HashQueueFullError);
    for (const each of [...passing, late]) await expect(each).rejects.toBeInstanceOf(HashQueueFullError);
    expect(queue.depth).toBe(0);
    first.finish();
    await running;
    await queue.pass(ANY);
    expect(queue.running).toBe(0);
  });

  it('gives the place back when a task fails', async () => {
    const queue = new HashQueue({ concurrency: 1, queueLimit: 5, deadlineMs: 60_000 });
    const failing = queue.run(() => Promise.reject(new Error('no')), ANY);
    const next = queue.run(() => Promise.resolve('next'), ANY);
    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBe('next');
    await expect(queue.run(() => Promise.resolve('later'), ANY)).resolves.toBe('later');
  });

  /** The order in which tasks get their turns, one at a time, when all of them wait already. */
  const orderOf = async (waiting: readonly [name: string, origin: HashOrigin][]): Promise<string[]> => {
    const queue = new HashQueue({ concurrency: 1, queueLimit: 100, deadlineMs: 60_000 });
    const busy = task();
    const order: string[] = [];
    const running = [queue.run(busy.run, ANY)];
    for (const [name, from] of waiting) {
      running.push(queue.run(() => Promise.resolve(void order.push(name)), from));
    }
    busy.finish();
    await Promise.all(running);
    return order;
  };

  it('gives known sources three turns for each one of the others, and all of them where nobody else waits', async () => {
    const known = Array.from({ length: 8 }, (_, index) => [`k${index}`, origin('192.0.2.1', true)] as const);
    const others = Array.from({ length: 3 }, (_, index) => [`o${index}`, ATTACKER] as const);
    const order = await orderOf([...others, ...known].map(([name, from]) => [name, from]));
    expect(order).toEqual(['k0', 'k1', 'k2', 'o0', 'k3', 'k4', 'k5', 'o1', 'k6', 'k7', 'o2']);
  });

  it('lets known sources take turns with each other', async () => {
    const [greedy, owner] = [origin('203.0.113.1', true), origin('192.0.2.1', true)];
    expect(
      await orderOf([
        ...['a', 'b', 'c', 'd'].map((name): [string, HashOrigin] => [name, greedy]),
        ['owner', owner],
      ]),
    ).toEqual(['a', 'owner', 'b', 'c', 'd']);
  });

  it('makes room for who has less in it, tells who had to go, and keeps as much room for known sources', async () => {
    const queue = new HashQueue({ concurrency: 1, queueLimit: 3, deadlineMs: 60_000 });
    const refused: string[] = [];
    queue.observer = {
      started: () => undefined,
      ended: () => undefined,
      refused: (why, { source }) => refused.push(`${why} ${source}`),
    };
    const busy = task();
    const running = [queue.run(busy.run, ANY)];
    const flood = Array.from({ length: 4 }, () => queue.run(() => Promise.resolve(), ATTACKER));
    await expect(flood[3]).rejects.toThrow('the queue is full');
    expect(() => queue.assertRoom(ATTACKER)).toThrow(HashQueueFullError);
    queue.assertRoom(ANY);
    running.push(queue.run(() => Promise.resolve(), ANY));
    await expect(flood[2]).rejects.toThrow('had the most in it');
    for (let index = 0; index < 3; index++) {
      running.push(queue.run(() => Promise.resolve(), origin('203.0.113.1', true)));
    }
    expect([queue.depth, queue.flows]).toEqual([6, 3]);
    expect(refused).toEqual(['full 203.0.113.1', 'full 203.0.113.1', 'pushed_out 203.0.113.1']);
    busy.finish();
    await Promise.all([...running, ...flood.slice(0, 2)]);
    expect([queue.depth, queue.running]).toEqual([0, 0]);
  });

  it('refuses what passes, where a task in its place is pushed out', async () => {
    const queue = new HashQueue({ concurrency: 1, queueLimit: 2, deadlineMs: 60_000 });
    const busy = task();
    const running = [queue.run(busy.run, ANY)];
    const flood = [
      queue.run(() => Promise.resolve(), ATTACKER),
      queue.run(() => Promise.resolve(), ATTACKER),
    ];
    // Takes the place of the second one, which made room.
    running.push(queue.run(() => Promise.resolve(), ANY));
    const passing = queue.pass(ATTACKER).catch((error: Error) => error.message);
    await expect(flood[1]).rejects.toThrow('had the most in it');
    expect(await passing).toBe('the queue is full');
    busy.finish();
    await Promise.all([...running, flood[0]]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { HashQueue, HashQueueFullError } from './hash-queue.js';

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
    const running = tasks.map(({ run }) => queue.run(run));
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
    queue.assertRoom();
    const running = [queue.run(first.run)];
    queue.assertRoom();
    running.push(queue.run(second.run));
    expect(() => queue.assertRoom()).toThrow(HashQueueFullError);
    expect(refused).toEqual(['full']);
    first.finish();
    await settled();
    queue.assertRoom();
    second.finish();
    await Promise.all(running);
  });

  it('refuses at once what does not fit', async () => {
    const queue = new HashQueue({ concurrency: 1, queueLimit: 1, deadlineMs: 60_000 });
    const [first, second, third] = [task(), task(), task()];
    const running = [queue.run(first.run), queue.run(second.run)];
    await expect(queue.run(third.run)).rejects.toBeInstanceOf(HashQueueFullError);
    expect(third.started).toBe(false);
    first.finish();
    second.finish();
    await Promise.all(running);
  });

  it('refuses what has waited too long, and never starts it', async () => {
    const queue = new HashQueue({ concurrency: 1, queueLimit: 5, deadlineMs: 10 });
    const [first, second, third] = [task(), task(), task()];
    const running = queue.run(first.run);
    await expect(queue.run(second.run)).rejects.toBeInstanceOf(HashQueueFullError);
    expect(queue.depth).toBe(0);
    first.finish();
    await running;
    third.finish();
    await queue.run(third.run);
    expect([second.started, third.started]).toEqual([false, true]);
  });

  it('lets pass in turn, before the task behind and after the one in front', async () => {
    const queue = new HashQueue({ concurrency: 1, queueLimit: 5, deadlineMs: 60_000 });
    const tasks = [task(), task(), task()];
    const ended: string[] = [];
    const note = (name: string) => () => void ended.push(name);
    const all = [
      ...tasks.slice(0, 2).map(({ run }, index) => queue.run(run).then(note(`task ${index}`))),
      queue.pass().then(note('passed')),
      queue.pass().then(note('passed')),
      ...tasks.slice(2).map(({ run }) => queue.run(run).then(note('task 2'))),
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
    await queue.run(() => new Promise((resolve) => setTimeout(resolve, 60)));
    const begun = performance.now();
    await queue.pass();
    expect(performance.now() - begun).toBeGreaterThan(50);
  });

  it('refuses to let pass where a task would be refused, and refuses no task because of what passes', async () => {
    const queue = new HashQueue({ concurrency: 1, queueLimit: 1, deadlineMs: 20 });
    const [first, second] = [task(), task()];
    const running = queue.run(first.run);
    const passing = [queue.pass(), queue.pass()];
    const late = queue.run(second.run);
    await expect(queue.pass()).rejects.toBeInstanceOf(HashQueueFullError);
    for (const each of [...passing, late]) await expect(each).rejects.toBeInstanceOf(HashQueueFullError);
    expect(queue.depth).toBe(0);
    first.finish();
    await running;
    await queue.pass();
    expect(queue.running).toBe(0);
  });

  it('gives the place back when a task fails', async () => {
    const queue = new HashQueue({ concurrency: 1, queueLimit: 5, deadlineMs: 60_000 });
    const failing = queue.run(() => Promise.reject(new Error('no')));
    const next = queue.run(() => Promise.resolve('next'));
    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBe('next');
    await expect(queue.run(() => Promise.resolve('later'))).resolves.toBe('later');
  });
});

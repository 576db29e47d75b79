import { describe, expect, it } from '@jest/globals';
import { SharedLookups } from './shared-lookups.js';

/** Look-ups that are answered when the test says so. */
function lookups(maxAgeMs: number) {
  const asked: PromiseWithResolvers<string>[] = [];
  const shared = new SharedLookups<string>(maxAgeMs, () => undefined);
  const look = (): Promise<string> => {
    let resolve: (answer: string) => void = () => undefined;
    let reject: (reason: Error) => void = () => undefined;
    const promise = new Promise<string>((yes, no) => ([resolve, reject] = [yes, no]));
    asked.push({ promise, resolve, reject });
    return promise;
  };
  return { asked, ask: (since = -Infinity) => shared.share('key', since, look) };
}

interface PromiseWithResolvers<T> {
  promise: Promise<T>;
  resolve(answer: T): void;
  reject(reason: Error): void;
}

describe('SharedLookups', () => {
  it('one look-up answers all who may share it', async () => {
    const { asked, ask } = lookups(60_000);
    const answers = [ask(), ask(), ask()];
    expect(asked).toHaveLength(1);
    asked[0]?.resolve('first');
    expect(await Promise.all(answers)).toEqual(['first', 'first', 'first']);
    void ask();
    expect(asked).toHaveLength(2);
  });

  it('who may not share one shares the next, which is asked after they came', async () => {
    const { asked, ask } = lookups(0);
    const answers = [ask(), ask(), ask()];
    asked[0]?.resolve('first');
    expect(await answers[0]).toBe('first');
    await Promise.resolve();
    expect(asked).toHaveLength(2);
    asked[1]?.resolve('second');
    expect(await Promise.all(answers)).toEqual(['first', 'second', 'second']);
  });

  it('who came after a change does not share what was asked before it', async () => {
    const { asked, ask } = lookups(60_000);
    const early = ask();
    const late = ask(performance.now() + 1);
    asked[0]?.resolve('old');
    expect(await early).toBe('old');
    await Promise.resolve();
    asked[1]?.resolve('new');
    expect(await late).toBe('new');
  });

  it("a failure is everybody's: nobody asks again at once", async () => {
    const { asked, ask } = lookups(0);
    const answers = [ask(), ask(), ask()];
    asked[0]?.reject(new Error('down'));
    const outcomes = await Promise.allSettled(answers);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(asked).toHaveLength(1);
    void ask();
    expect(asked).toHaveLength(2);
  });
});

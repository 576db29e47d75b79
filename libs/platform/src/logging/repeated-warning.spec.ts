import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { RepeatedWarning } from './repeated-warning.js';

describe('RepeatedWarning', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('tells the first time, and then once a minute how often it happened', () => {
    jest.useFakeTimers();
    const lines: unknown[] = [];
    const warning = new RepeatedWarning({ warn: (...line: unknown[]) => lines.push(line) }, 'too many');
    for (let index = 0; index < 5; index++) warning.happened(() => ({ index }));
    expect(lines).toEqual([[{ index: 0, times: 1 }, 'too many']]);
    jest.advanceTimersByTime(60_000);
    warning.happened(() => ({ index: 5 }));
    expect(lines.slice(1)).toEqual([[{ index: 5, times: 5 }, 'too many']]);
  });
});

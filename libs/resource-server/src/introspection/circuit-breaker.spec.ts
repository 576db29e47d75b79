import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CircuitBreaker } from './circuit-breaker.js';
import { IntrospectionUnavailableError } from './introspection-unavailable.error.js';

const outage = () => Promise.reject(new IntrospectionUnavailableError('down', { outage: true }));
const oddToken = () => Promise.reject(new IntrospectionUnavailableError('odd'));
const success = () => Promise.resolve('answer');

function aBreaker() {
  const breaker = new CircuitBreaker({ failureThreshold: 3, openMs: 2500 });
  const failTimes = async (times: number) => {
    for (let i = 0; i < times; i++) await expect(breaker.run(outage)).rejects.toThrow('down');
  };
  return { breaker, failTimes };
}

describe('CircuitBreaker', () => {
  beforeEach(() => void jest.useFakeTimers());

  afterEach(() => void jest.useRealTimers());

  it('opens after so many failures in a row, and fails at once with the time to wait', async () => {
    const { breaker, failTimes } = aBreaker();
    await failTimes(2);
    expect(breaker.state).toBe('closed');
    await failTimes(1);
    expect(breaker.state).toBe('open');
    let asked = false;
    const attempt = breaker.run(async () => (asked = true));
    await expect(attempt).rejects.toMatchObject({ retryAfterSeconds: 3, outage: false });
    expect(asked).toBe(false);
  });

  it('starts counting again after a success', async () => {
    const { breaker, failTimes } = aBreaker();
    await failTimes(2);
    await breaker.run(success);
    await failTimes(2);
    expect(breaker.state).toBe('closed');
  });

  it('is not opened by answers that only one token gets', async () => {
    const { breaker, failTimes } = aBreaker();
    for (let i = 0; i < 10; i++) await expect(breaker.run(oddToken)).rejects.toThrow('odd');
    expect(breaker.state).toBe('closed');
    await failTimes(2);
    await expect(breaker.run(oddToken)).rejects.toThrow('odd');
    await failTimes(2);
    expect(breaker.state).toBe('closed');
  });

  it('is not opened by what is no refusal of the introspection, such as a programming error', async () => {
    const { breaker } = aBreaker();
    for (let i = 0; i < 10; i++) {
      await expect(breaker.run(() => Promise.reject(new TypeError('bug')))).rejects.toThrow('bug');
    }
    expect(breaker.state).toBe('closed');
  });

  it('lets one probe through when the time is over, and closes when it succeeds', async () => {
    const { breaker, failTimes } = aBreaker();
    await failTimes(3);
    jest.advanceTimersByTime(2500);
    expect(breaker.state).toBe('half-open');
    let answer: (text: string) => void = () => undefined;
    const probe = breaker.run(() => new Promise<string>((resolve) => (answer = resolve)));
    await expect(breaker.run(success)).rejects.toMatchObject({ retryAfterSeconds: 1 });
    answer('back');
    await expect(probe).resolves.toBe('back');
    expect(breaker.state).toBe('closed');
    await expect(breaker.run(success)).resolves.toBe('answer');
  });

  it('opens again when the probe fails', async () => {
    const { breaker, failTimes } = aBreaker();
    await failTimes(3);
    jest.advanceTimersByTime(2500);
    await failTimes(1);
    expect(breaker.state).toBe('open');
    await expect(breaker.run(success)).rejects.toThrow('left alone');
    jest.advanceTimersByTime(2500);
    await expect(breaker.run(success)).resolves.toBe('answer');
  });
});

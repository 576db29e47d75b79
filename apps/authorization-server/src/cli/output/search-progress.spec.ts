import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { Terminal } from '../terminal.js';
import { SearchProgress } from './progress.js';

let written: string[];

const progressOn = (isTTY: boolean) => {
  const stderr = { isTTY, write: (text: string) => written.push(text) };
  const note = (text: string) => written.push(text);
  return new SearchProgress({ stderr, note } as unknown as Terminal);
};

beforeEach(() => {
  written = [];
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

it('says nothing of a short search', () => {
  const progress = progressOn(true);
  progress.report(1, 0);
  jest.advanceTimersByTime(1900);
  progress.report(300, 7);
  progress.end();
  expect(written).toEqual([]);
});

it('changes one line on a terminal, and clears it at the end', () => {
  const progress = progressOn(true);
  jest.advanceTimersByTime(2000);
  progress.report(300, 7);
  progress.end();
  expect(written).toEqual(['\r\u001b[KSearching: 300 pages examined, 7 found ...', '\r\u001b[K']);
});

it('writes a line now and then where there is no terminal', () => {
  const progress = progressOn(false);
  for (let second = 0; second < 25; second++) {
    jest.advanceTimersByTime(1000);
    progress.report(second, 0);
  }
  progress.end();
  expect(written).toEqual([
    'Searching: 9 pages examined, 0 found ...',
    'Searching: 19 pages examined, 0 found ...',
  ]);
});

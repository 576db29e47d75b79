import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { TypedLines } from './typed-lines.js';

describe('lines that are typed', () => {
  let keyboard: PassThrough & { setRawMode?: (raw: boolean) => void };
  let screen: PassThrough;
  let raw: boolean[];
  let lines: TypedLines;

  beforeEach(() => {
    raw = [];
    keyboard = Object.assign(new PassThrough(), { setRawMode: (value: boolean) => raw.push(value) });
    screen = new PassThrough();
    lines = new TypedLines(keyboard, screen);
  });

  const ask = (): Promise<string> => lines.ask('? ', { isShown: false });
  const shown = (): string => String(screen.read() ?? '');

  it('are answers in the order of their questions, also when they come before them', async () => {
    keyboard.write('one\r\ntwo\nthr');
    expect([await ask(), await ask()]).toEqual(['one', 'two']);
    const third = ask();
    keyboard.write('ee\r');
    expect(await third).toBe('three');
    expect(shown()).toBe('? \n? \n? \n');
  });

  it('keep characters whole that come in parts, and lose the last one to the erase key', async () => {
    const answer = ask();
    const bytes = Buffer.from('añ😀😀\u007f\r');
    for (const byte of bytes) keyboard.write(Buffer.from([byte]));
    expect(await answer).toBe('añ😀');
  });

  it('have no arrows and no control characters, and begin anew with Ctrl-U', async () => {
    keyboard.write('wrong\u0015ri\u001b[Dgh\u001bOH\u001a\tt\r');
    expect(await ask()).toBe('righ\tt');
  });

  it('are shown where they may be', async () => {
    keyboard.write('yes\u007f\u007f\r');
    expect(await lines.ask('? ', { isShown: true })).toBe('y');
    expect(shown()).toBe('? yes\b \b\b \b\n');
  });

  it.each([
    ['Ctrl-C', 'half\u0003', 'Interrupted', 130],
    ['Ctrl-D', '\u0004', 'The input ended', 2],
    ['Ctrl-D before the question', '\u0000', 'The input ended', 2],
  ])('end with %s', async (_name, typed, message, status) => {
    keyboard.write(typed);
    await expect(ask()).rejects.toMatchObject({ message: expect.stringContaining(message), status });
  });

  it('end with the terminal', async () => {
    keyboard.end();
    await expect(ask()).rejects.toThrow('The input ended');
  });

  it('are not longer than what is read into memory', async () => {
    keyboard.write('x'.repeat(70_000));
    await expect(ask()).rejects.toThrow('too long');
  });

  it('belong to the command from the first question to the end', async () => {
    keyboard.write('one\rtwo\r');
    await ask();
    expect(raw).toEqual([true]);
    lines.release();
    expect(raw).toEqual([true, false]);
    const next = ask();
    keyboard.write('three\r');
    expect(await next).toBe('three');
  });
});

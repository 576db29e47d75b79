import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Terminal } from '../terminal.js';
import { Progress } from './progress.js';

class Output extends Writable {
  text = '';

  constructor(readonly isTTY: boolean) {
    super();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

function report(isTTY: boolean, total: number, step: number): string {
  const output = new Output(isTTY);
  const progress = new Progress(
    new Terminal(Readable.from([]), new Output(false), output),
    'Imported',
    total,
  );
  for (let done = step; done <= total; done += step) progress.report(done);
  return output.text;
}

describe('Progress', () => {
  it('changes one line of a terminal, and removes it at the end', () => {
    const text = report(true, 300, 100);
    expect(text).toBe('\r\u001b[KImported 100 of 300 ...\r\u001b[KImported 200 of 300 ...\r\u001b[K');
  });

  it('writes a line for each tenth elsewhere, without control characters', () => {
    const lines = report(false, 25_000, 100).trimEnd().split('\n');
    expect(lines).toHaveLength(9);
    expect(lines[0]).toBe('Imported 2500 of 25000 ...');
    expect(lines.join('\n')).not.toMatch(/[\r\u001b]/);
  });

  it('says nothing about what is done at once', () => {
    expect(report(true, 100, 100)).toBe('');
    expect(report(false, 100, 100)).toBe('');
  });
});

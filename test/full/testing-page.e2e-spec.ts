import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { installPacked, writeFilesOf } from '../support/packed-application.js';

const run = promisify(execFile);

describe('The tests of docs/testing.md', () => {
  let folder: string;

  const node = async (...parameters: string[]): Promise<string> => {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1' };
    const { stdout, stderr } = await run(process.execPath, parameters, { cwd: folder, env });
    return stdout + stderr;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-testing-'));
    await installPacked(folder, [
      '@nestjs/testing',
      'jest',
      '@jest/globals',
      'supertest',
      '@types/supertest',
      'vitest',
    ]);
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'an-api', type: 'module' }));
    await writeFilesOf('docs/testing.md', folder);
    await node(resolve('node_modules/typescript/lib/tsc.js'));
  }, 120_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('run in Jest', async () => {
    const output = await node(
      '--experimental-vm-modules',
      resolve('node_modules/jest/bin/jest.js'),
      `--rootDir=${folder}`,
      '--transform={}',
      '--testMatch=**/dist/*.test.js',
    );
    expect(output).toContain('Tests:       2 passed, 2 total');
  }, 60_000);

  it('run in Vitest', async () => {
    const output = await node(resolve('node_modules/vitest/vitest.mjs'), 'run', `--root=${folder}`);
    expect(output).toMatch(/Tests {2}1 passed \(1\)/);
  }, 60_000);
});

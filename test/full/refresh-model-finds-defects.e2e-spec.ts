import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PatchedSources, type TestRun } from '../../scripts/support/patched-sources.mjs';

const PATCHES = fileURLToPath(new URL('broken-rotation/', import.meta.url));

const TIMEOUT_MS = 240_000;

/**
 * A test that finds nothing proves nothing: each patch breaks one rule of the rotation, and the model-based test must
 * notice within its normal number of runs. On SQLite, which is the quicker one.
 */
describe('The model of the refresh state machine', () => {
  let sources: PatchedSources;

  const runModel = (environment: Record<string, string> = {}): Promise<TestRun> =>
    sources.runTests('full', ['--testNamePattern', 'sqlite', 'test/full/refresh-model.e2e-spec.ts'], {
      REFRESH_MODEL_SHRINK: '0',
      ...environment,
    });

  beforeAll(async () => {
    sources = await PatchedSources.copy();
  });

  afterAll(() => sources.remove());

  it(
    'has nothing to say against a copy that is as it should be',
    async () => {
      // It shows that the copy works; the sources themselves stand the normal number of runs in the test of the model.
      expect(await runModel({ REFRESH_MODEL_RUNS: '15' })).toMatchObject({ passed: true });
    },
    TIMEOUT_MS,
  );

  it.each(readdirSync(PATCHES))(
    'finds %s',
    async (name) => {
      await sources.apply(PATCHES + name);
      try {
        const { passed, output } = await runModel();
        expect(output).toMatch(/Property failed after \d+ tests/);
        expect(output).toMatch(/\{ seed: -?\d+, path: "/);
        expect(passed).toBe(false);
      } finally {
        await sources.revert(PATCHES + name);
      }
    },
    TIMEOUT_MS,
  );
});

import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readProofs, takeOut } from '../../scripts/support/proofs.mjs';
import { SourcesCopy, type TestRun } from '../../scripts/support/sources-copy.mjs';
import { SourceTree } from '../../scripts/support/source-tree.mjs';

const PROOFS = readProofs(fileURLToPath(new URL('refresh-model.proofs.yml', import.meta.url)));

/** Each takes a run of Jest of its own, so that a third of them is tried a day; `REFRESH_MODEL_DEFECTS=all` tries all. */
const DAY = Math.floor(Date.now() / 86_400_000);
const TRIED =
  process.env.REFRESH_MODEL_DEFECTS === 'all' ? PROOFS : PROOFS.filter((_, index) => index % 3 === DAY % 3);

const TIMEOUT_MS = 240_000;

/**
 * A test that finds nothing proves nothing: each proof breaks one rule of the rotation, and the model-based test must
 * notice within 150 runs. On SQLite, which is the quicker one.
 */
describe('The model of the refresh state machine', () => {
  let copy: SourcesCopy;

  const runModel = (environment: Record<string, string> = {}): Promise<TestRun> =>
    copy.runTests('full', ['--testNamePattern', 'sqlite', 'test/full/refresh-model.e2e-spec.ts'], {
      REFRESH_MODEL_SHRINK: '0',
      REFRESH_MODEL_RUNS: '150',
      ...environment,
    });

  beforeAll(async () => {
    copy = await SourcesCopy.make();
  });

  afterAll(() => copy.remove());

  it(
    'has nothing to say against a copy that is as it should be',
    async () => {
      // It shows that the copy works; the sources themselves stand the normal number of runs in the test of the model.
      expect(await runModel({ REFRESH_MODEL_RUNS: '15' })).toMatchObject({ passed: true });
    },
    TIMEOUT_MS,
  );

  it.each(TRIED)(
    'finds what breaks: $defence',
    async (proof) => {
      const { passed, output } = await copy.change(takeOut(proof, SourceTree.read(copy.folder)), runModel);
      expect(output).toMatch(/Property failed after \d+ tests/);
      expect(output).toMatch(/\{ seed: -?\d+, path: "/);
      expect(passed).toBe(false);
    },
    TIMEOUT_MS,
  );
});

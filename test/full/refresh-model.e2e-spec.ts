import { afterAll, beforeAll, it } from '@jest/globals';
import fc from 'fast-check';
import { describeEachDatabase } from '../support/databases.js';
import { sequence, type World } from './refresh-model/commands.js';
import { Installation } from './refresh-model/installation.js';

/**
 * Anything that clients and thieves can do with refresh tokens, in any order and at once, over real HTTP: it is fast
 * enough, and takes client authentication, the queue of the SQLite writer and two replicas on PostgreSQL along.
 *
 * A failure prints its seed and path; with `REFRESH_MODEL_SEED` the same sequences come again. `REFRESH_MODEL_RUNS` is
 * another number of sequences.
 */
const RUNS = { sqlite: 100, postgres: 40 } as const;
const TIMEOUT_MS = 240_000;

const { REFRESH_MODEL_SEED: seed, REFRESH_MODEL_SHRINK: shrink, REFRESH_MODEL_RUNS: runs } = process.env;

describeEachDatabase('The refresh state machine', (dialect) => {
  let installation: Installation;

  beforeAll(async () => {
    installation = await Installation.start(dialect);
  });

  afterAll(() => installation.stop());

  it(
    'does what its model says, whatever the sequence',
    async () => {
      const property = fc.asyncProperty(sequence, async ([policy, commands]) => {
        const world: World = { installation, sessions: [], policy };
        await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
        for (const session of world.sessions) await session.finish();
      });
      await fc.assert(property, {
        numRuns: Number(runs ?? RUNS[dialect]),
        endOnFailure: shrink === '0',
        ...(seed !== undefined && { seed: Number(seed) }),
      });
    },
    TIMEOUT_MS,
  );
});

import { afterAll, beforeAll, it } from '@jest/globals';
import fc from 'fast-check';
import { restoreClock } from '../clock.js';
import { describeEachDatabase, type Dialect } from '../databases.js';
import { sequence } from './commands.js';
import { ModelServers } from './servers.js';
import { World } from './world.js';

const TIMEOUT_MS = 300_000;

const {
  SECOND_FACTOR_MODEL_SEED,
  SECOND_FACTOR_MODEL_PATH,
  SECOND_FACTOR_MODEL_RUNS,
  SECOND_FACTOR_MODEL_SHRINK,
} = process.env;

/**
 * Anything that users, clients and thieves can do with logins that need a second factor, in any order and at once, over real
 * HTTP. Found are a token without all proofs, a code that is accepted twice, and a login that is lost.
 *
 * A failure prints its seed and path, which come again with `SECOND_FACTOR_MODEL_SEED` and `SECOND_FACTOR_MODEL_PATH`.
 * `SECOND_FACTOR_MODEL_RUNS` is another number of sequences; with `SECOND_FACTOR_MODEL_SHRINK=1` a shorter one that fails is
 * looked for.
 *
 * @param seed `null`: other sequences each time
 */
export function describeModel(runs: Readonly<Record<Dialect, number>>, seed: number | null): void {
  describeEachDatabase('Second factors', (dialect) => {
    let servers: ModelServers;

    beforeAll(async () => {
      servers = await ModelServers.start(dialect);
    });

    afterAll(async () => {
      await servers.stop();
      restoreClock();
    });

    it(
      'do what their model says, whatever the sequence',
      async () => {
        const property = fc.asyncProperty(sequence, async ([enrolled, commands]) => {
          const world = await World.begin(servers, enrolled);
          await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
          await world.finish();
        });
        const chosen = SECOND_FACTOR_MODEL_SEED === undefined ? seed : Number(SECOND_FACTOR_MODEL_SEED);
        await fc.assert(property, {
          numRuns: Number(SECOND_FACTOR_MODEL_RUNS ?? runs[dialect]),
          endOnFailure: SECOND_FACTOR_MODEL_SHRINK !== '1',
          ...(chosen !== null && { seed: chosen }),
          ...(SECOND_FACTOR_MODEL_PATH !== undefined && { path: SECOND_FACTOR_MODEL_PATH }),
        });
      },
      TIMEOUT_MS,
    );
  });
}

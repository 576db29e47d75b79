// The options of `npm run bench`.
import { parseArgs } from 'node:util';

export function readOptions() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      publish: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      only: { type: 'string', default: '' },
    },
  });
  const { quick, publish } = values;
  if (publish) process.env.PUBLISH = '1';
  return {
    quick,
    only: new RegExp(values.only),
    rounds: Number(values.rounds ?? 3),
    seconds: Number(values.seconds ?? (quick ? 1 : 5)),
    warmUp: quick ? 0.5 : 1,
    firstWarmUp: quick ? 2 : 10,
    revocations: quick ? 60_000 : 250_000,
  };
}

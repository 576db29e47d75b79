// The options of `npm run bench`.
import { parseArgs } from 'node:util';

const USAGE = `npm run bench -- [--quick] [--only PATTERN] [--rounds N] [--seconds N] [--publish]

  --quick         a rough answer in two minutes
  --only PATTERN  what to measure, by a regular expression on its name
  --rounds N      how often each is measured (3)
  --seconds N     how long each time (5)
  --publish       renews the figures and plots that the documentation shows`;

/** @returns what was asked for; ends the process where that is help, or nothing that there is */
export function readOptions() {
  const { values } = parse({
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      publish: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      only: { type: 'string', default: '' },
    },
  });
  const { quick, publish } = values;
  if (values.help) exit(0, USAGE);
  if (publish) process.env.PUBLISH = '1';
  return {
    quick,
    only: new RegExp(values.only),
    rounds: Number(values.rounds ?? 3),
    seconds: Number(values.seconds ?? (quick ? 1 : 5)),
    warmUp: quick ? 0.5 : 4,
    firstWarmUp: quick ? 2 : 10,
    revocations: quick ? 60_000 : 250_000,
  };
}

function parse(config) {
  try {
    return parseArgs(config);
  } catch (error) {
    return exit(2, `${error.message}\n\n${USAGE}`);
  }
}

function exit(status, text) {
  console[status === 0 ? 'log' : 'error'](text);
  process.exit(status);
}

import Sequencer from '@jest/test-sequencer';

/** Test files that take longer than half a minute, the longest first; the names of files and folders say enough. */
const LONG = [
  'full/refresh-model-finds-defects',
  'full/held-event-loop',
  'full/refresh-model',
  'attacks/17-secrets-in-logs',
  'docs/command-blocks',
  'attacks/38-a-hash-of-great-cost',
  'full/nest-versions',
  'cli/prompts',
  'full/crash',
  'full/floods',
  'configuration/provisioning',
  'full/signals',
  'full/settings',
  'full/npm-start',
  'full/clock-steps-back',
  'attacks/37-parallel-logins',
  'configuration/bootstrap-client',
  'full/token-signal',
  'full/revocation-faults',
  'database/unusable-database',
  'cli/apply-online',
  'full/data-keys',
  'full/rolling-restart',
  'full/refresh-restart',
  'configuration/password-vectors',
];

/**
 * The long ones come first, so that no worker is left with one of them at the end. Jest itself begins with the largest
 * files where it has not run them before, as on a new machine.
 */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = new Map(tests.map((test) => [test, rankOf(test.path)]));
    return [...super.sort(tests)].sort((one, other) => rank.get(one) - rank.get(other));
  }
}

function rankOf(path) {
  const rank = LONG.findIndex((name) => path.includes(`/${name}.`));
  return rank === -1 ? LONG.length : rank;
}

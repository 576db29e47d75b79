// Runs Jest with what ES modules need, and stops with Jest's own exit code:
//   node scripts/jest.mjs PROJECT[,PROJECT] [Jest's own arguments, such as part of a path]
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';

const [projects, ...rest] = process.argv.slice(2);
const jest = createRequire(import.meta.url)
  .resolve('jest/package.json')
  .replace(/package\.json$/, 'bin/jest.js');
const root = fileURLToPath(new URL('..', import.meta.url));
// A server hashes passwords in threads of the lowest priority (19). While other tests take all processors, such threads would
// get a hundredth of one, and a login would take half a minute. Beside others of 15 they get a quarter.
setPriority(15);
const { status } = spawnSync(
  process.execPath,
  [
    // Its helper threads take more of the few processors than they save.
    '--single-threaded-gc',
    '--experimental-vm-modules',
    '--no-warnings=ExperimentalWarning',
    jest,
    ...rest,
    // Last, because it takes all words up to the next option.
    '--selectProjects',
    ...projects.split(','),
  ],
  { stdio: 'inherit', cwd: root },
);
process.exit(status ?? 1);

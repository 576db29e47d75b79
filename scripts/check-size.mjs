// A source file that has grown past 250 lines does more than one thing.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const LIMIT = 250;

const files = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.js', '*.mjs'],
  {
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter((file) => file !== '' && existsSync(file));

const tooLong = files
  .map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n').length - 1 }))
  .filter(({ lines }) => lines > LIMIT);

for (const { file, lines } of tooLong) console.error(`${file}: ${lines} lines, the limit is ${LIMIT}`);
if (tooLong.length > 0) process.exit(1);
console.log(`${files.length} files, none over ${LIMIT} lines`);

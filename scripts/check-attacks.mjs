// Every patch that takes a defence out still fits the sources; whether its test notices is `npm run attacks:prove`.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['test/attacks/broken', 'test/full/broken-rotation'];

const patches = FOLDERS.flatMap((folder) =>
  readdirSync(ROOT + folder)
    .filter((file) => file.endsWith('.patch'))
    .map((file) => `${folder}/${file}`),
);
let misfits = 0;
for (const patch of patches) {
  const { status, stderr } = spawnSync('git', ['apply', '--check', patch], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status === 0) continue;
  misfits++;
  console.error(`${patch} does not apply any longer:\n${stderr}`);
}
if (patches.length === 0 || misfits > 0) process.exit(1);
console.log(`${patches.length} patches apply`);

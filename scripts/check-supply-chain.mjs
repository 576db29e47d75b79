// What others make comes in by what it is, not by a name that its makers may give to something else: actions by commit,
// base images of production by digest, global packages by version, dependencies by the hash in package-lock.json.
import { readdirSync, readFileSync } from 'node:fs';

const problems = [];
const read = (path) => readFileSync(path, 'utf8');
const linesOf = (path) => read(path).split('\n');

const workflows = readdirSync('.github/workflows').map((name) => `.github/workflows/${name}`);
for (const path of workflows) {
  each(
    path,
    /uses:/,
    /uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/,
    'an action needs its commit, and its version behind',
  );
}
for (const path of [...workflows, 'Dockerfile', '.ci/run']) {
  each(
    path,
    /npm (install|i) (--global|-g) /,
    /(--global|-g) ([\w@/-]+@\d+\.\d+\.\d+ ?)+$/,
    'a global package needs its whole version',
  );
  each(path, /\bnpx /, /$^/, 'npx may download anything: install it, and call it by npm run');
  each(path, /npm (install|i)$/, /$^/, 'npm ci takes what package-lock.json says');
}
each(
  'Dockerfile',
  /^FROM /,
  /^FROM (\$\{NODE_IMAGE\}|manifests|runtime)( AS |$)/,
  'a stage is built on NODE_IMAGE or on another stage',
);
each('docker-compose.production.yml', /image:/, /image: ["']?\$\{POSTGRES_IMAGE:\?/, 'an image is a setting');
each(
  '.env.production.example',
  /_IMAGE=/,
  /^[A-Z]+_IMAGE=[\w.:/-]+@sha256:[0-9a-f]{64}$/,
  'an image needs its digest',
);

for (const [path, entry] of Object.entries(JSON.parse(read('package-lock.json')).packages)) {
  if (!path.includes('node_modules/') || entry.link || entry.inBundle) continue;
  const isHashed = /^sha512-/.test(entry.integrity ?? '');
  const isFromRegistry = /^https:\/\/registry\.npmjs\.org\//.test(
    entry.resolved ?? 'https://registry.npmjs.org/',
  );
  if (!isHashed) problems.push(`package-lock.json: ${path} has no hash`);
  if (!isFromRegistry) problems.push(`package-lock.json: ${path} comes from ${entry.resolved}`);
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log('Actions, images, global packages and dependencies are pinned.');

/** Each line that has something has to say it in the right way. */
function each(path, what, right, problem) {
  linesOf(path).forEach((line, index) => {
    if (what.test(line) && !right.test(line.trim()))
      problems.push(`${path}:${index + 1}: ${problem}: ${line.trim()}`);
  });
}

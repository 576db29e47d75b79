// Lists the licences of what is installed in production, and ends with 1 when one is not among those that an Apache-2.0
// product may be given on with.
import { existsSync, readFileSync } from 'node:fs';

const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unlicense',
]);

/** Packages whose manifest says nothing, and where their licence stands instead. */
const READ = new Map([['pause@0.0.1', 'MIT']]); // Readme.md

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const counts = new Map();
const refused = [];
for (const [path, entry] of Object.entries(packages)) {
  if (!path.includes('node_modules/') || entry.dev || entry.devOptional || entry.link) continue;
  const name = path.replace(/^.*node_modules\//, '');
  const licence = entry.license ?? READ.get(`${name}@${entry.version}`) ?? licenceInstalled(path);
  counts.set(licence, (counts.get(licence) ?? 0) + 1);
  if (!isAllowed(licence)) refused.push(`${name} ${entry.version}: ${licence}`);
}

console.log('Licences of production dependencies:');
for (const [licence, count] of [...counts].sort(([, a], [, b]) => b - a))
  console.log(`  ${count} ${licence}`);
if (refused.length > 0) {
  console.error(`Not allowed (scripts/check-licences.mjs has the list):\n  ${refused.join('\n  ')}`);
  process.exitCode = 1;
}

/** A choice needs one that is allowed, a combination all of them (SPDX). */
function isAllowed(expression) {
  return expression
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((licence) => ALLOWED.has(licence)));
}

function licenceInstalled(path) {
  const manifest = `${path}/package.json`;
  if (!existsSync(manifest)) return 'unknown: not installed';
  const { license, licenses = [] } = JSON.parse(readFileSync(manifest, 'utf8'));
  // How it was written before SPDX.
  return license ?? (licenses.map(({ type }) => type).join(' OR ') || 'none');
}

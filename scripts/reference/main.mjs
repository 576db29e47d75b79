// The reference pages in docs/reference, from the built code: `--write` writes them; otherwise they are compared.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { commandsPage } from './commands.mjs';
import { endpointsPage } from './endpoints.mjs';
import { settingsPage } from './settings.mjs';

const PAGES = { 'commands.md': commandsPage, 'settings.md': settingsPage, 'endpoints.md': endpointsPage };
const writes = process.argv.includes('--write');

mkdirSync('docs/reference', { recursive: true });
for (const [name, make] of Object.entries(PAGES)) {
  const path = `docs/reference/${name}`;
  const text = await format(await make(), { ...(await resolveConfig(path)), filepath: path });
  if (writes) writeFileSync(path, text);
  else if (read(path) !== text) {
    console.error(`${path} is not what the code says: run npm run docs:reference.`);
    process.exitCode = 1;
  }
}
if (process.exitCode !== 1) console.log(`${Object.keys(PAGES).length} reference pages`);

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

// Where results go: .reports/bench always, and what the documentation shows when the run is to be published.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpus } from 'node:os';
import { root } from './server.mjs';

/** With PUBLISH=1 in the environment, as `npm run bench -- --publish` sets it. */
const publishes = () => process.env.PUBLISH === '1';

export const machine = `Node.js ${process.version}, ${cpus().length} cores of ${cpus()[0].model}`;

/**
 * @param name of the files
 * @param json everything that was measured
 * @param text the same for readers, in Markdown
 * @param plots SVG by name
 */
export function saveResults(name, json, text, plots = {}) {
  const files = { [`${name}.json`]: JSON.stringify(json, null, 2), [`${name}.md`]: text };
  save('.reports/bench', { ...files, ...plots });
  if (!publishes()) return;
  save('docs/measurements', { [`${name}.md`]: `# ${name}\n\n${machine}\n\n${text}\n` });
  save('docs/images', plots);
}

function save(folder, files) {
  mkdirSync(join(root, folder), { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(root, folder, name), content);
}

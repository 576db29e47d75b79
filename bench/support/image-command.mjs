// How the Dockerfile's last target starts the server: what benchmarks measure and a test tries is what is shipped.
import { readFileSync } from 'node:fs';

/** @returns {string[]} what `node` is given: options, and the script */
export function imageCommand() {
  const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
  const command = dockerfile.match(/^CMD (\[.*\])$/gm).at(-1);
  const [program, ...words] = JSON.parse(command.slice('CMD '.length));
  if (program !== 'node') throw new Error(`The image starts ${program}, not node`);
  return words;
}

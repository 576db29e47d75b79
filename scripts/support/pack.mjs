// @ts-check
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * Packs a built library as `npm publish` would.
 *
 * @param {string} name of its folder under `libs`
 * @param {string} folder where the tarball goes
 * @returns {string} path of the tarball
 */
export function packLibrary(name, folder) {
  const output = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: join(import.meta.dirname, '../../libs', name),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  /** @type {{ filename: string }[] | Record<string, { filename: string }>} */
  const packed = JSON.parse(output);
  const [entry] = Object.values(packed);
  if (entry === undefined) throw new Error(`npm pack made nothing of ${name}`);
  return join(folder, entry.filename);
}

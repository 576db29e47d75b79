import { readFileSync } from 'node:fs';

/**
 * The version of the package that a module belongs to.
 *
 * @param module its URL (`import.meta.url`); it stands two folders below the package's own, as built code does, bundled
 *   or not
 */
export function packageVersion(module: string): string {
  const manifest = readFileSync(new URL('../../package.json', module), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { packLibrary } from '../../scripts/support/pack.mjs';

/** What a Nest application has; the library's own dependencies are added from its manifest. */
const OF_AN_APPLICATION = [
  ...['common', 'core', 'platform-fastify', 'platform-express'].map((name) => `@nestjs/${name}`),
  'reflect-metadata',
  'rxjs',
  '@types/node',
];

interface Manifest {
  dependencies?: Record<string, string>;
}

/** Links packages that are installed here, so that no registry is needed. */
async function link(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const target = join(folder, 'node_modules', name);
    if (existsSync(target)) continue;
    await mkdir(dirname(target), { recursive: true });
    // npm puts another version than the one that most need into the folder of the library.
    const own = resolve('libs/resource-server/node_modules', name);
    await symlink(existsSync(own) ? own : resolve('node_modules', name), target);
  }
}

/**
 * Installs from the tarballs, and links what their manifests name.
 *
 * @param others what the application needs beside Nest
 */
export async function installPacked(folder: string, others: readonly string[] = []): Promise<void> {
  await mkdir(join(folder, 'tarballs'), { recursive: true });
  for (const name of ['contracts', 'resource-server']) {
    const target = join(folder, 'node_modules/@latchkey', name);
    await mkdir(target, { recursive: true });
    const tarball = packLibrary(name, join(folder, 'tarballs'));
    execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
    const manifest = JSON.parse(await readFile(join(target, 'package.json'), 'utf8')) as Manifest;
    await link(
      folder,
      Object.keys(manifest.dependencies ?? {}).filter((dependency) => !dependency.startsWith('@latchkey/')),
    );
  }
  await link(folder, [...OF_AN_APPLICATION, ...others]);
}

/** Writes the files that a page shows, by the titles of its code blocks. */
export async function writeFilesOf(page: string, folder: string): Promise<void> {
  const text = await readFile(page, 'utf8');
  for (const [, title = '', code = ''] of text.matchAll(/^```(?:ts|json) title="([^"]+)"\n(.*?)^```$/gms)) {
    await mkdir(dirname(join(folder, title)), { recursive: true });
    await writeFile(join(folder, title), code);
  }
}

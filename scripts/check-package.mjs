// What others would install: packs both libraries and lets publint and Are The Types Wrong look at the tarballs.
// Expects that the libraries are built.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packLibrary } from './support/pack.mjs';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-package-'));
let problems = 0;
try {
  for (const name of ['contracts', 'resource-server']) {
    const tarball = packLibrary(name, folder);
    const { messages, pkg } = await publint({
      pack: { tarball: new Uint8Array(readFileSync(tarball)).buffer },
      strict: true,
    });
    for (const message of messages) console.error(`${pkg.name}: ${formatMessage(message, pkg)}`);
    problems += messages.length;
    execFileSync(process.execPath, [binary('@arethetypeswrong/cli', 'dist/index.js'), tarball, '--quiet'], {
      stdio: 'inherit',
    });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (problems > 0) process.exit(1);

/** Started by path, without another shell. */
function binary(name, path) {
  return join(import.meta.dirname, '..', 'node_modules', name, path);
}

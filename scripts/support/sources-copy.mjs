// A copy of the sources to break on purpose, so that one can see tests notice. The work tree is never touched.
// @ts-check
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const LEFT_OUT = new Set(['node_modules', 'dist', 'data', 'coverage', '.git', '.reports']);

/**
 * Sources in a temporary folder; the installed packages are shared.
 *
 * @typedef {{ readonly passed: boolean, readonly output: string }} TestRun
 */
export class SourcesCopy {
  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
  }

  /** @returns {Promise<SourcesCopy>} */
  static async make() {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'latchkey-copy-')));
    for (const entry of await readdir(ROOT)) {
      if (LEFT_OUT.has(entry)) continue;
      await cp(join(ROOT, entry), join(folder, entry), {
        recursive: true,
        filter: (source) => !LEFT_OUT.has(basename(source)),
      });
    }
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    // A workspace has packages of its own where it needs another version than the rest.
    for (const group of ['apps', 'libs']) {
      for (const workspace of await readdir(join(ROOT, group))) {
        const packages = join(group, workspace, 'node_modules');
        if (existsSync(join(ROOT, packages))) await symlink(join(ROOT, packages), join(folder, packages));
      }
    }
    return new SourcesCopy(folder);
  }

  /**
   * @template T
   * @param {ReadonlyMap<string, string>} files of the copy, as they are while the action runs; some may be new
   * @param {() => Promise<T>} action
   * @returns {Promise<T>}
   */
  async change(files, action) {
    /** @type {Map<string, string | null>} */
    const originals = new Map();
    for (const file of files.keys()) {
      const path = join(this.folder, file);
      originals.set(file, existsSync(path) ? await readFile(path, 'utf8') : null);
    }
    try {
      await this.#write(files);
      return await action();
    } finally {
      await this.#write(originals);
    }
  }

  /**
   * Runs tests on the copy, one file at a time. They share the PostgreSQL server of the process that runs this.
   *
   * @param {string} project of the Jest configuration
   * @param {readonly string[]} parameters Jest's own
   * @param {Record<string, string>} [environment]
   * @returns {Promise<TestRun>}
   */
  runTests(project, parameters, environment = {}) {
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [join(this.folder, 'scripts/jest.mjs'), project, ...parameters, '--runInBand'],
        { env: { ...process.env, ...environment }, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => resolve({ passed: error === null, output: stdout + stderr }),
      );
    });
  }

  async remove() {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** @param {ReadonlyMap<string, string | null>} files `null`: there is none */
  async #write(files) {
    for (const [file, text] of files) {
      const path = join(this.folder, file);
      if (text === null) {
        await rm(path, { force: true });
        continue;
      }
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
  }
}

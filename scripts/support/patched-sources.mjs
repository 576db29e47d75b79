// A copy of the sources to break on purpose, so that one can see tests notice. The work tree is never touched.
// @ts-check
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const LEFT_OUT = new Set(['node_modules', 'dist', 'data', 'coverage', '.git', '.reports']);

/** Sources in a temporary folder; the installed packages are shared. */
export class PatchedSources {
  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
  }

  /** @returns {Promise<PatchedSources>} */
  static async copy() {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'latchkey-patched-')));
    for (const entry of await readdir(ROOT)) {
      if (LEFT_OUT.has(entry)) continue;
      await cp(join(ROOT, entry), join(folder, entry), {
        recursive: true,
        filter: (source) => !LEFT_OUT.has(basename(source)),
      });
    }
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    return new PatchedSources(folder);
  }

  /**
   * @param {string} patch path of a unified diff
   * @throws when the patch does not fit the sources any longer
   */
  async apply(patch) {
    await this.#git('apply', patch);
  }

  /** @param {string} patch */
  async revert(patch) {
    await this.#git('apply', '--reverse', patch);
  }

  /**
   * Runs tests on the copy, one file at a time. They share the PostgreSQL server of the process that runs this.
   *
   * @param {string} project of the Jest configuration
   * @param {readonly string[]} parameters Jest's own
   * @param {Record<string, string>} [environment]
   * @returns {Promise<{ passed: boolean, output: string }>}
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

  /**
   * The folder is no repository, whatever it may lie in.
   *
   * @param {string[]} parameters
   * @returns {Promise<void>}
   */
  #git(...parameters) {
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() };
    return new Promise((resolve, reject) => {
      execFile('git', parameters, { cwd: this.folder, env }, (error, _stdout, stderr) =>
        error === null ? resolve() : reject(new Error(`git ${parameters.join(' ')}: ${stderr}`)),
      );
    });
  }
}

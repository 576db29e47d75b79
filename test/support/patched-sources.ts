import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const LEFT_OUT = new Set(['node_modules', 'dist', 'data', 'coverage', '.git', '.reports']);

/** How a run of tests ended. */
export interface TestRun {
  readonly passed: boolean;
  readonly output: string;
}

/**
 * A copy of the sources in a temporary folder, to break on purpose and to see the tests notice. The work tree is never
 * touched, and the installed packages are shared.
 */
export class PatchedSources {
  private constructor(private readonly folder: string) {}

  static async copy(): Promise<PatchedSources> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'latchkey-patched-')));
    for (const entry of await readdir(ROOT)) {
      if (!LEFT_OUT.has(entry)) {
        await cp(join(ROOT, entry), join(folder, entry), {
          recursive: true,
          filter: (source) => !LEFT_OUT.has(basename(source)),
        });
      }
    }
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    return new PatchedSources(folder);
  }

  /** @throws when the patch does not fit the sources any longer */
  async apply(patch: string): Promise<void> {
    await this.#git('apply', patch);
  }

  async revert(patch: string): Promise<void> {
    await this.#git('apply', '--reverse', patch);
  }

  /**
   * Runs tests on the copy, with the PostgreSQL server of the run that this is a part of.
   *
   * @param project of the Jest configuration
   * @param parameters Jest's own
   */
  runTests(
    project: string,
    parameters: readonly string[],
    environment: Record<string, string> = {},
  ): Promise<TestRun> {
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [join(this.folder, 'scripts/jest.mjs'), project, ...parameters, '--runInBand'],
        { env: { ...process.env, ...environment }, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => resolve({ passed: error === null, output: stdout + stderr }),
      );
    });
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The folder is no repository, whatever it may lie in. */
  #git(...parameters: string[]): Promise<void> {
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() };
    return new Promise((resolve, reject) => {
      execFile('git', parameters, { cwd: this.folder, env }, (error, _stdout, stderr) =>
        error === null ? resolve() : reject(new Error(`git ${parameters.join(' ')}: ${stderr}`)),
      );
    });
  }
}

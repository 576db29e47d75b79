import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { ResourceServerOptions } from '@latchkey/resource-server';
import { endChild } from '../../support/child-process.js';
import type { PLATFORMS } from '../support/protected-application.js';

/** What an application is installed with, and how. */
export interface Installation {
  readonly nest: 10 | 11 | 12;
  readonly manager: 'npm' | 'pnpm';
  /** Of the application's own code. */
  readonly format: 'commonjs' | 'module';
}

/** Runs on all versions of Node.js that the library does. */
const PNPM = 'pnpm@10.34.8';

const OF_NEST = [
  'common',
  'core',
  'microservices',
  'platform-express',
  'platform-fastify',
  'platform-socket.io',
  'platform-ws',
  'websockets',
];

/** Where an installed application listens. */
export interface Addresses extends Record<(typeof PLATFORMS)[number], string> {
  readonly messages: Record<string, number>;
}

const QUIET = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', '--prefer-offline'];

const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    types: ['node'],
    typeRoots: [resolve('node_modules/@types')],
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    skipLibCheck: true,
    rootDir: 'src',
    outDir: 'dist',
  },
  files: ['src/main.ts'],
};

/** As an application tests itself; without transformation, so that Jest loads what is installed. */
const JEST_TEST = `
test('refuses without a token, and lets one pass', async () => {
  const application = await startMatrixApplication('express', JSON.parse(process.env.OPTIONS));
  const url = (await application.getUrl()) + '/api/plain';
  const status = async (headers) => (await fetch(url, { headers })).status;
  expect(await status({})).toBe(401);
  expect(await status({ authorization: 'Bearer good' })).toBe(200);
  await application.close();
});
`;

const JEST_IMPORT = {
  commonjs: `const { startMatrixApplication } = require('./dist/application.js');`,
  module: `import { startMatrixApplication } from './dist/application.js';`,
};

const run = promisify(execFile);

/** An application in a folder of its own, installed from the packed libraries and a registry, and compiled. */
export class MatrixInstallation {
  readonly #children: ChildProcess[] = [];

  private constructor(
    private readonly folder: string,
    private readonly installation: Installation,
  ) {}

  /** @param tarballs of the libraries, by their names */
  static async create(
    installation: Installation,
    tarballs: Readonly<Record<string, string>>,
  ): Promise<MatrixInstallation> {
    const folder = await mkdtemp(join(tmpdir(), `latchkey-nest-${installation.nest}-`));
    const created = new MatrixInstallation(folder, installation);
    try {
      await created.#install(tarballs);
      await created.#compile();
      return created;
    } catch (error) {
      await created.remove();
      throw error;
    }
  }

  /** Starts the application in a process of its own. */
  async start(options: ResourceServerOptions): Promise<Addresses> {
    const child = spawn(process.execPath, ['dist/main.js'], {
      cwd: this.folder,
      env: { OPTIONS: JSON.stringify(options) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.push(child);
    const ended = once(child, 'exit').then(() => Promise.reject(new Error('The application did not start')));
    ended.catch(() => undefined);
    const [line] = (await Promise.race([once(child.stdout, 'data'), ended])) as [Buffer];
    return JSON.parse(line.toString()) as Addresses;
  }

  /** @returns what Jest says of a test of the application, in the format of the application */
  async test(options: ResourceServerOptions): Promise<string> {
    const { format } = this.installation;
    await writeFile(join(this.folder, 'application.test.js'), JEST_IMPORT[format] + JEST_TEST);
    const { stderr } = await run(
      process.execPath,
      [
        ...(format === 'module' ? ['--experimental-vm-modules'] : []),
        resolve('node_modules/jest/bin/jest.js'),
        `--rootDir=${this.folder}`,
        '--config={"transform":{}}',
      ],
      { cwd: this.folder, env: { PATH: process.env.PATH, OPTIONS: JSON.stringify(options) } },
    );
    return stderr;
  }

  async remove(): Promise<void> {
    await Promise.all(this.#children.map((child) => endChild(child)));
    await rm(this.folder, { recursive: true, force: true });
  }

  async #install(tarballs: Readonly<Record<string, string>>): Promise<void> {
    const { folder } = this;
    const { nest, manager, format } = this.installation;
    const ofNest = Object.fromEntries(OF_NEST.map((name) => [`@nestjs/${name}`, `^${nest}.0.0`]));
    const manifest = {
      name: 'an-api',
      private: true,
      type: format,
      dependencies: { ...tarballs, ...ofNest, 'reflect-metadata': '^0.2.2', rxjs: '^7.8.1' },
      // pnpm asks the registry for what a tarball depends on, also where the application has it.
      pnpm: { overrides: tarballs },
    };
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    if (manager === 'npm') await run('npm', ['install', ...QUIET], { cwd: folder });
    else {
      const install = [
        'pnpm',
        'install',
        '--prefer-offline',
        '--ignore-scripts',
        '--strict-peer-dependencies',
      ];
      await run('npm', ['exec', '--yes', '--prefer-offline', `--package=${PNPM}`, '--', ...install], {
        cwd: folder,
      });
    }
  }

  /** Against the declarations of what is installed there. */
  async #compile(): Promise<void> {
    const { folder } = this;
    await cp('test/library/matrix/application', join(folder, 'src'), { recursive: true });
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
    await run(process.execPath, [resolve('node_modules/typescript/lib/tsc.js')], { cwd: folder });
  }
}

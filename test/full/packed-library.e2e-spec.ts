import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ALICE,
  aClient,
  aConfiguration,
  API,
  aResourceServer,
  BOB,
  RESOURCE_SERVER,
} from '../support/builders.js';
import { api } from '../support/http.js';
import { freePort } from '../support/ports.js';
import { startStack, type Stack } from '../support/stack.js';
import { installPacked, writeFilesOf } from '../support/packed-application.js';

const TSCONFIG = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    types: ['node'],
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    rootDir: 'src',
    outDir: 'dist',
    // As the command line of Nest creates it: every exported value needs a type that can be named.
    declaration: true,
    // The declarations of the library are compiled too, as those of a careful user.
    skipLibCheck: false,
  },
  include: ['src'],
};

/** What applications write for themselves around the library. */
const OWN_NAMES = `
import { Injectable } from '@nestjs/common';
import {
  RequirePolicy,
  RequireScopes,
  type AccessToken,
  type RequestAuthenticator,
  type TokenPolicy,
} from '@latchkey/resource-server';

export interface TenantClaims {
  readonly tenant: string;
}

@Injectable()
export class OfTenant implements TokenPolicy<TenantClaims> {
  can({ claims }: AccessToken<TenantClaims>): boolean {
    return claims.tenant === 'acme';
  }
}

export const ReadsOrders = () => RequireScopes('orders:read');
export const AtTenant = () => RequirePolicy(OfTenant);
export const hookOf = (authenticator: RequestAuthenticator) => authenticator.hook();
export const middlewareOf = (authenticator: RequestAuthenticator) => authenticator.middleware();
`;

describe.each(['libs/resource-server/README.md', 'docs/protect-your-api.md'])(
  'The application of %s',
  (page) => {
    let folder: string;
    let stack: Stack;
    const children: ChildProcess[] = [];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'latchkey-packed-'));
      await installPacked(folder);
      await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'an-api', type: 'module' }));
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
      await writeFilesOf(page, folder);
      await writeFile(join(folder, 'src/own-names.ts'), OWN_NAMES);
      stack = await startStack('sqlite', {
        configuration: aConfiguration({
          scopes: [{ name: 'orders:read', description: 'Read orders' }],
          clients: [aClient({ scope: 'orders:read', default_scope: 'orders:read' }), aResourceServer()],
        }),
      });
    });

    afterAll(async () => {
      for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
      await stack.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const start = async (file: string): Promise<string> => {
      const port = String(await freePort());
      const child = spawn(process.execPath, [join(folder, 'dist', file)], {
        cwd: folder,
        env: {
          PORT: port,
          AUTHORIZATION_SERVER_URL: stack.issuer,
          CLIENT_ID: RESOURCE_SERVER.clientId,
          CLIENT_SECRET: RESOURCE_SERVER.secret,
          AUDIENCE: API,
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);
      let output = '';
      const started = new Promise<void>((done) => {
        child.stdout.on('data', (chunk: Buffer) => {
          output += chunk.toString();
          if (output.includes('successfully started')) done();
        });
      });
      const ended = once(child, 'exit').then(() => Promise.reject(new Error(`It did not start:\n${output}`)));
      ended.catch(() => undefined);
      await Promise.race([started, ended]);
      const url = `http://127.0.0.1:${port}`;
      // "Started" is before the port is open.
      for (;;) {
        try {
          await api('GET', `${url}/health`, null);
          return url;
        } catch {
          await new Promise((done) => setTimeout(done, 50));
        }
      }
    };

    const login = async (owner: typeof ALICE | typeof BOB): Promise<string> =>
      ((await stack.login(owner)).json as { access_token: string }).access_token;

    it('brings nothing but its own code, sources and papers', async () => {
      for (const name of ['contracts', 'resource-server']) {
        const files = await readdir(join(folder, 'node_modules/@latchkey', name), { recursive: true });
        expect(files).toEqual(
          expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'dist/index.d.ts']),
        );
        expect(files.filter((file) => /\.spec\.|tsbuildinfo|platform|\.env/.test(file))).toEqual([]);
      }
    });

    it('compiles against the packed declarations', () => {
      const tsc = resolve('node_modules/typescript/lib/tsc.js');
      expect(() => execFileSync(process.execPath, [tsc], { cwd: folder, stdio: 'pipe' })).not.toThrow();
    }, 120_000);

    it.each(['main.js', 'main.express.js'])(
      'refuses by default and lets a real token pass: %s',
      async (file) => {
        const url = await start(file);
        const [alice, bob] = [await login(ALICE), await login(BOB)];
        const status = async (method: 'GET' | 'POST', path: string, token: string | null) =>
          (await api(method, url + path, token)).status;

        expect(await status('GET', '/health', null)).toBe(200);
        if (page.includes('README')) {
          for (const path of ['/orders', '/prices', '/users/x/orders']) {
            expect(await status('GET', path, null)).toBe(401);
            expect(await status('GET', path, 'made-up')).toBe(401);
          }
          expect(await status('GET', '/prices', alice)).toBe(200);
          const { owner } = (await api('GET', `${url}/orders`, alice)).json as { owner: string };
          expect(await status('GET', `/users/${owner}/orders`, alice)).toBe(200);
          expect(await status('GET', `/users/${owner}/orders`, bob)).toBe(403);
        } else {
          expect(await status('POST', '/orders', null)).toBe(401);
          const { id } = (await api('POST', `${url}/orders`, alice)).json as { id: string };
          expect(await status('GET', `/orders/${id}`, null)).toBe(401);
          expect(await status('GET', `/orders/${id}`, alice)).toBe(200);
          expect(await status('GET', `/orders/${id}`, bob)).toBe(404);
          expect(await status('GET', '/orders/none', alice)).toBe(404);
          const metadata = await api('GET', `${url}/.well-known/oauth-protected-resource`, null);
          expect(metadata.json).toMatchObject({ resource: API, scopes_supported: ['orders:read'] });
        }
      },
      60_000,
    );
  },
);

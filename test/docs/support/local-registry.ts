import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, realpathSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** An npm registry of the packages that are installed here, in the one version of each, so that no test needs another. */
export class LocalRegistry {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<LocalRegistry> {
    const server = createServer((request, response) => {
      const [path = '', file] = decodeURIComponent(request.url ?? '')
        .slice(1)
        .split('/-/');
      try {
        const tarball = tarballOf(path);
        const base = `http://${request.headers.host}`;
        response.end(file === undefined ? JSON.stringify(packument(path, base, tarball)) : tarball);
      } catch {
        response.writeHead(404).end('{}');
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new LocalRegistry(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** Where a package lies: first what our own packages need, then the place at the top, then below others that need another version. */
function placesOf(name: string): string[] {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: object };
  const places = Object.keys(packages).filter((path) => path.endsWith(`node_modules/${name}`));
  const isOthers = (place: string): number => Number(place.startsWith('node_modules/'));
  return places.sort((left, right) => isOthers(left) - isOthers(right) || left.length - right.length);
}

const isInstalled = (name: string): boolean => placesOf(name).length > 0;

function folderOf(name: string): string {
  const [place] = placesOf(name);
  if (place === undefined) throw new Error(`${name} is not installed`);
  return realpathSync(place);
}

function tarballOf(name: string): Buffer {
  const options = ['--transform', 's,^\\.,package,', '--exclude', './node_modules'];
  return execFileSync('tar', ['-czf', '-', ...options, '-C', folderOf(name), '.'], {
    maxBuffer: 200_000_000,
  });
}

function packument(name: string, base: string, tarball: Buffer): object {
  const manifest = JSON.parse(readFileSync(join(folderOf(name), 'package.json'), 'utf8')) as Manifest;
  const { version, dependencies = {}, peerDependencies = {} } = manifest;
  const dist = {
    tarball: `${base}/${name}/-/${version}.tgz`,
    shasum: createHash('sha1').update(tarball).digest('hex'),
  };
  return {
    name,
    'dist-tags': { latest: version },
    versions: {
      [version]: {
        ...manifest,
        dependencies: anyOf(dependencies),
        peerDependencies: onlyInstalled(peerDependencies),
        dist,
      },
    },
  };
}

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** npm also looks for optional peers, and takes a package that no registry has for a conflict. */
const onlyInstalled = (peers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(peers).filter(([name]) => isInstalled(name)));

/** Also those versions that this installation overrides. */
const anyOf = (dependencies: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.keys(dependencies).map((name) => [name, '*']));

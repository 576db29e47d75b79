import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeBlocks } from '../docs/support/code-blocks.js';
import { eventually } from './eventually.js';
import { startService } from './programs.js';

const TLS = fileURLToPath(new URL('tls/', import.meta.url));
const PAGE = 'docs/proxies.md';

interface Command {
  readonly parameters: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a proxy is started with Debian's configuration, in a folder of its own. */
interface ProxyKind {
  readonly name: string;
  /** Debian's. */
  readonly package: string;
  readonly program: string;
  /** Of its block in the documentation. */
  readonly language: string;
  /** Writes the files around `site`, which is what the documentation shows. */
  prepare(folder: string, site: string, port: number): Promise<Command>;
}

const NGINX: ProxyKind = {
  name: 'nginx with gzip',
  package: 'nginx',
  program: 'nginx',
  language: 'nginx',
  async prepare(folder, site) {
    const file = join(folder, 'nginx.conf');
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    );
    const everything = ['gzip_types *;', 'gzip_proxied any;', 'gzip_min_length 1;', ...temporary].join('\n');
    const debian = await readFile('/etc/nginx/nginx.conf', 'utf8');
    await writeFile(
      file,
      debian
        .replace('user www-data;', 'daemon off;')
        .replace('/run/nginx.pid', join(folder, 'pid'))
        .replaceAll('/var/log/nginx', folder)
        .replace('include /etc/nginx/conf.d/*.conf;', everything)
        .replace('include /etc/nginx/sites-enabled/*;', site),
    );
    return { parameters: ['-e', join(folder, 'error.log'), '-c', file] };
  },
};

const APACHE: ProxyKind = {
  name: 'Apache',
  package: 'apache2',
  program: 'apache2',
  language: 'apache',
  async prepare(folder, site, port) {
    const file = join(folder, 'apache2.conf');
    const modules = [
      'ssl.load',
      'socache_shmcb.load',
      'ssl.conf',
      'proxy.load',
      'proxy_http.load',
      'headers.load',
    ];
    const enabled = [
      `Listen 127.0.0.1:${port}`,
      ...modules.map((name) => `Include mods-available/${name}`),
      'AddOutputFilterByType DEFLATE application/json',
    ];
    const debian = await readFile('/etc/apache2/apache2.conf', 'utf8');
    await writeFile(
      file,
      debian
        .replace('Include ports.conf', enabled.join('\n'))
        .replace('IncludeOptional sites-enabled/*.conf', site),
    );
    const environment = {
      APACHE_RUN_USER: 'nobody',
      APACHE_RUN_GROUP: 'nogroup',
      APACHE_RUN_DIR: folder,
      APACHE_LOCK_DIR: folder,
      APACHE_LOG_DIR: folder,
      APACHE_PID_FILE: join(folder, 'pid'),
    };
    return { parameters: ['-d', '/etc/apache2', '-f', file, '-D', 'FOREGROUND'], environment };
  },
};

const HAPROXY: ProxyKind = {
  name: 'HAProxy',
  package: 'haproxy',
  program: 'haproxy',
  language: 'haproxy',
  async prepare(folder, site) {
    const file = join(folder, 'haproxy.cfg');
    const debian = await readFile('/etc/haproxy/haproxy.cfg', 'utf8');
    const compression = '\tcompression algo gzip\n\tcompression type application/json\n';
    await writeFile(
      file,
      `${debian.replace(/^\s*(log\s+\/|chroot|stats|user|group|daemon).*\n/gm, '')}${compression}\n${site}`,
    );
    return { parameters: ['-db', '-f', file] };
  },
};

const CADDY: ProxyKind = {
  name: 'Caddy',
  package: 'caddy',
  program: 'caddy',
  language: 'caddyfile',
  async prepare(folder, site) {
    const file = join(folder, 'Caddyfile');
    await writeFile(file, `{\n\tadmin off\n\tauto_https disable_redirects\n}\n\n${site}`);
    const environment = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
    return { parameters: ['run', '--adapter', 'caddyfile', '--config', file], environment };
  },
};

export const PROXIES = [NGINX, APACHE, HAPROXY, CADDY];

async function listens(port: number): Promise<void> {
  await eventually(async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect').finally(() => socket.destroy());
  });
}

/** A proxy that runs. */
export interface Proxy {
  readonly url: string;
  stop(): Promise<void>;
}

/** The certificate of every proxy here. */
export const PROXY_CERTIFICATE = join(TLS, 'first-cert.pem');

/** Starts a proxy with the configuration of the documentation, but for names, ports and files. */
export async function startProxy(kind: ProxyKind, port: number, target: string): Promise<Proxy> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-proxy-'));
  const certificate = join(folder, 'site.pem');
  const key = join(folder, 'site.key');
  const [certificateText, keyText] = await Promise.all(
    ['first-cert.pem', 'first-key.pem'].map((name) => readFile(join(TLS, name), 'utf8')),
  );
  // HAProxy wants both in one file, and the others do not mind.
  await writeFile(certificate, `${certificateText}\n${keyText}`);
  await writeFile(key, keyText ?? '');
  const shown = codeBlocks(PAGE).find(({ language }) => language === kind.language);
  if (shown === undefined) throw new Error(`${PAGE} shows nothing for ${kind.name}`);
  const site = shown.text
    .replace('/etc/ssl/login.example.com.pem', certificate)
    .replace('/etc/ssl/login.example.com.key', key)
    .replace(
      /(listen |\*?:)443/,
      (_, before: string) => `${before === 'listen ' ? before : ''}127.0.0.1:${port}`,
    )
    .replace(/^login\.example\.com \{/m, `https://127.0.0.1:${port} {`)
    .replaceAll('127.0.0.1:3000', new URL(target).host);
  const { parameters, environment } = await kind.prepare(folder, site, port);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const { program } = kind;
    const ready = () => listens(port);
    const end = await startService({ program, parameters, environment, folder, ready });
    return { url: `https://127.0.0.1:${port}`, stop: () => end().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

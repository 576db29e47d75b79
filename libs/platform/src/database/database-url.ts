import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import pg from 'pg';

export type DatabaseUrl = { dialect: 'sqlite'; path: string } | { dialect: 'postgres'; url: string };

/** All but `disable` and `no-verify` verify the server's certificate and its name, even if libpq does not. */
const SSL_MODES = ['disable', 'no-verify', 'prefer', 'require', 'verify-ca', 'verify-full'];

const FORM = 'must be sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME';

/**
 * Reads `sqlite:PATH` or `postgres://...`, and the certificate files that the latter may name.
 *
 * @param problem receives the reason why it is not usable; never with a password in it
 * @returns `null` when it is not usable
 */
export function parseDatabaseUrl(
  value: string,
  problem: (text: string) => void = () => undefined,
): DatabaseUrl | null {
  const path = /^sqlite:(?!:memory:)(.+)$/.exec(value)?.[1];
  if (path !== undefined) return { dialect: 'sqlite', path: isAbsolute(path) ? path : resolve(path) };
  if (/^postgres(ql)?:\/\//.test(value)) return parsePostgresUrl(value, problem);
  problem(FORM);
  return null;
}

function parsePostgresUrl(value: string, problem: (text: string) => void): DatabaseUrl | null {
  const found = problemOfPostgresUrl(value);
  if (found !== null) {
    problem(found);
    return null;
  }
  return { dialect: 'postgres', url: withStrictSslMode(value) };
}

function problemOfPostgresUrl(value: string): string | null {
  // URL parsers ignore these characters, so the server would connect to something other than the written URL.
  if (/[\0-\x1f\x7f]|\s$/.test(value)) return 'must not contain line breaks, tabs, or a space at its end';
  if (!URL.canParse(value)) return FORM;
  const query = new URL(value).searchParams;
  const mode = query.get('sslmode');
  if (mode !== null && !SSL_MODES.includes(mode))
    return `has an sslmode that is none of ${SSL_MODES.join(', ')}`;
  return problemOfCertificates(query) ?? problemOfDriver(value);
}

function problemOfCertificates(query: URLSearchParams): string | null {
  const contents: Record<string, Buffer> = {};
  for (const name of ['sslrootcert', 'sslcert', 'sslkey']) {
    const path = query.get(name);
    if (path === null || (name === 'sslrootcert' && path === 'system')) continue;
    try {
      contents[name] = readFileSync(path);
    } catch (error) {
      const { code = 'unknown error' } = error as NodeJS.ErrnoException;
      return `names the ${name} ${path}, which cannot be read (${code})`;
    }
  }
  const { sslrootcert: ca, sslcert: cert, sslkey: key } = contents;
  if (ca !== undefined && !isCertificate(ca))
    return 'names an sslrootcert that holds no certificate in PEM form';
  try {
    createSecureContext({ ca, cert, key });
    return null;
  } catch {
    return 'names an sslcert and an sslkey that are no certificate and its key in PEM form';
  }
}

function isCertificate(content: Buffer): boolean {
  try {
    return new X509Certificate(content).raw.length > 0 && content.includes('-----BEGIN ');
  } catch {
    return false;
  }
}

function problemOfDriver(value: string): string | null {
  try {
    new pg.Client({ connectionString: withStrictSslMode(value) });
    return null;
  } catch {
    return FORM;
  }
}

/**
 * The driver treats these modes as `verify-full` too, but warns about them at each start and is going to change their
 * meaning. `system` means the certificate authorities that Node.js trusts, which is the default.
 */
function withStrictSslMode(value: string): string {
  if (/[?&]uselibpqcompat=true/.test(value)) return value;
  return value
    .replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=[&#]|$)/, '$1verify-full')
    .replace(/([?&])sslrootcert=system(?=[&#]|$)/, '$1sslmode=verify-full');
}

/** The location of a database, for messages; never with a password. */
export function describeDatabase(url: DatabaseUrl): string {
  if (url.dialect === 'sqlite') return `SQLite file ${printable(url.path)}`;
  const { database, user } = new pg.Client({ connectionString: url.url });
  return printable(`PostgreSQL database ${database ?? ''} on ${describeServer(url)}, as ${user ?? ''}`);
}

/** The location of a PostgreSQL server: an address with a port, or the folder of its socket. */
export function describeServer({ url }: DatabaseUrl & { dialect: 'postgres' }): string {
  const { host, port } = new pg.Client({ connectionString: url });
  if (host.startsWith('/')) return printable(host);
  return printable(`${host.includes(':') ? `[${host}]` : host}:${port}`);
}

function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

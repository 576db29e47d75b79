import {
  EnvironmentReader,
  LOG_LEVELS,
  parseDatabaseUrl,
  secretWeakness,
  type DatabaseUrl,
  type Environment,
  type LogLevel,
} from '@latchkey/platform';

export interface ResourceServerConfig {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly logLevel: LogLevel;
  readonly database: DatabaseUrl;
  readonly authorizationServerUrl: string;
  /** The `iss` that tokens must have. */
  readonly issuer: string;
  /** The `aud` that tokens must have: this API. */
  readonly audience: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What may come from a file, named by the variable with `_FILE` at its end. */
const SECRETS = ['CLIENT_SECRET', 'DATABASE_URL'];

/**
 * Reads the configuration from environment variables.
 *
 * @throws ConfigurationError naming every variable that is wrong, never a value
 */
export function loadResourceServerConfig(environment: Environment): ResourceServerConfig {
  const reader = new EnvironmentReader(environment, SECRETS);
  const authorizationServerUrl = reader.baseUrl('AUTHORIZATION_SERVER_URL', null);
  const config: ResourceServerConfig = {
    host: reader.string('HOST', '127.0.0.1'),
    port: reader.integer('PORT', 3001, { min: 0, max: 65_535 }),
    logLevel: reader.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
    database: readDatabase(reader),
    authorizationServerUrl,
    issuer: reader.url('ISSUER', authorizationServerUrl),
    audience: reader.required('AUDIENCE'),
    clientId: reader.required('CLIENT_ID'),
    clientSecret: readSecret(reader, reader.optional('NODE_ENV') === 'production'),
  };
  reader.assertValid();
  return Object.freeze(config);
}

function readDatabase(reader: EnvironmentReader): DatabaseUrl {
  const fallback: DatabaseUrl = { dialect: 'sqlite', path: '' };
  const url = parseDatabaseUrl(reader.string('DATABASE_URL', 'sqlite:./data/resources.sqlite'));
  if (url === null) reader.problem('DATABASE_URL', 'must be sqlite:PATH or postgres://...');
  return url ?? fallback;
}

function readSecret(reader: EnvironmentReader, production: boolean): string {
  const secret = reader.required('CLIENT_SECRET');
  const weakness = production && secret !== '' ? secretWeakness(secret) : null;
  if (weakness !== null) reader.problem('CLIENT_SECRET', weakness);
  return secret;
}

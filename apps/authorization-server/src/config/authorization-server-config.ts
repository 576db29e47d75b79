import type { DatabaseUrl } from '@latchkey/platform/database';
import type { HttpSettings } from '@latchkey/platform/http';
import type { LogLevel } from '@latchkey/platform/logging';
import type { MetricsEndpoint } from '@latchkey/platform/metrics';

/** Lifetimes in seconds that apply to clients without their own. */
export interface TokenLifetimes {
  readonly accessTokenTtl: number;
  /** Absolute lifetime of an authorization with refresh tokens, from the login; never extended. */
  readonly refreshTokenTtl: number;
  /** A refresh token that was not used for this time is refused. */
  readonly refreshTokenIdleTtl: number;
  /** How long after a rotation a retry gets the same answer; 0 disables the grace. */
  readonly refreshTokenGrace: number;
}

/** Cost of new password hashes (RFC 9106). */
export interface Argon2Settings {
  readonly memoryKib: number;
  readonly iterations: number;
}

/** Memory in KiB times passes over it. */
export const MAX_ARGON2_WORK = 8_388_608;

/** The peppers of other systems, by the names that stored hashes use. */
export type PasswordPeppers = Readonly<Record<string, string>>;

export interface HashPoolSettings {
  readonly workers: number;
  /** Maximum number of waiting tasks; further ones are refused at once. */
  readonly queueLimit: number;
  /** How long a task may wait for a worker, in milliseconds. */
  readonly queueDeadlineMs: number;
}

/** How failed logins delay further ones. Times in seconds. */
export interface ThrottleSettings {
  /** Attempts without delay; the next one waits `baseDelay`, and each further one twice as long as the one before. */
  readonly freeAttempts: number;
  readonly baseDelay: number;
  readonly maxDelay: number;
  /** After this time without an attempt all failures are forgotten. */
  readonly window: number;
  /** Number of accounts at which one address may fail; refilled evenly within half an hour; see `SourceBudgets`. */
  readonly sourceAccounts: number;
}

/** Number of refused passwords within `window` seconds at which an alarm is raised; see `FailureRates`. */
export interface LoginAlarmSettings {
  readonly window: number;
  readonly global: number;
  /** For one client. */
  readonly client: number;
}

/** Sustained rate of requests of one client, per second; see `ClientRates`. */
interface ClientRateSettings {
  readonly token: number;
  readonly revocation: number;
  /** Opened streams of the revocation feed. */
  readonly feed: number;
}

/** The scope of passkeys, and the origins that may use them (WebAuthn). */
export interface PasskeySettings {
  /** The relying party id: the issuer's host or a parent domain of it. Passkeys are bound to it permanently. */
  readonly rpId: string;
  /** The origins of pages and applications that use passkeys. */
  readonly origins: readonly string[];
}

/** A mail server. */
export interface SmtpSettings {
  readonly kind: 'smtp';
  readonly host: string;
  readonly port: number;
  /** `none` is only for a mail server on this machine. */
  readonly encryption: 'tls' | 'starttls' | 'none';
  readonly credentials: { readonly user: string; readonly pass: string } | null;
  /** Additional trusted certificates in PEM for the mail server, beside those of Node.js. */
  readonly ca: string | null;
  /** The sender's address. */
  readonly from: string;
}

/** An HTTP endpoint that sends the messages. */
export interface WebhookSettings {
  readonly kind: 'webhook';
  readonly url: string;
  /** The key of the signatures. */
  readonly secret: string;
}

export type MessageTransportSettings = SmtpSettings | WebhookSettings | { readonly kind: 'print' };

/** How messages to users are sent. */
export interface MessageSettings {
  /** `null`: no messages are sent. */
  readonly transport: MessageTransportSettings | null;
  /** How long a request waits for the sending of its message, in milliseconds. */
  readonly deadlineMs: number;
  /** Number of codes that one client may request; refilled evenly within half an hour. */
  readonly codesPerClient: number;
}

export interface BootstrapClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The configuration from the environment, read once and frozen. */
export interface AuthorizationServerConfig {
  readonly http: HttpSettings;
  /** The `iss` of all tokens and the base of the advertised endpoints (RFC 8414 section 2). */
  readonly issuer: string;
  readonly production: boolean;
  readonly databaseUrl: DatabaseUrl;
  readonly dataDirectory: string;
  /** 32 bytes, or `null` if development generates one in the data directory. */
  readonly masterKey: Buffer | null;
  /** The previous master key while it is being replaced; else `null`. */
  readonly previousMasterKey: Buffer | null;
  readonly bootstrapClient: BootstrapClient | null;
  /** Path of the configuration file that is applied at the start. */
  readonly configurationFile: string | null;
  /** Apply the demo file to a database that has neither clients nor users; never in production. */
  readonly demo: boolean;
  readonly tokenLifetimes: TokenLifetimes;
  readonly argon2: Argon2Settings;
  /** The peppers of other systems, by the names that stored hashes use. */
  readonly passwordPeppers: PasswordPeppers;
  readonly hashPool: HashPoolSettings;
  /** Shortest new password, in characters. */
  readonly passwordMinLength: number;
  readonly throttle: ThrottleSettings;
  readonly clientRates: ClientRateSettings;
  readonly loginAlarm: LoginAlarmSettings;
  /** How long audit events are kept, in seconds. */
  readonly auditRetention: number;
  /** Maximum number of live logins of a user; a further one ends the oldest. `null`: no limit. */
  readonly maxLoginsPerUser: number | null;
  readonly passwordGrantEnabled: boolean;
  /** `null`: passkeys are impossible, because the issuer's host is an IP address. */
  readonly passkeys: PasskeySettings | null;
  readonly messages: MessageSettings;
  readonly trustProxy: boolean | readonly string[];
  /** The address of the metrics; `null`: they are not served. */
  readonly metrics: MetricsEndpoint | null;
  readonly logLevel: LogLevel;
}

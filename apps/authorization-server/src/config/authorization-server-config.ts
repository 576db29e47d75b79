import type { DatabaseUrl } from '@latchkey/platform/database';
import type { HttpSettings } from '@latchkey/platform/http';
import type { LogLevel } from '@latchkey/platform/logging';
import type { MetricsEndpoint } from '@latchkey/platform/metrics';

/** Lifetimes in seconds that apply to clients without their own. */
export interface TokenLifetimes {
  readonly accessTokenTtl: number;
  /** Absolute lifetime of an authorization with refresh tokens: counted from the login, never extended. */
  readonly refreshTokenTtl: number;
  /** A refresh token that was not used for this long is refused. */
  readonly refreshTokenIdleTtl: number;
  /** How long after a rotation a retry gets the same answer again; 0 turns the grace off. */
  readonly refreshTokenGrace: number;
}

/** Cost of new password hashes (RFC 9106). */
export interface Argon2Settings {
  readonly memoryKib: number;
  readonly iterations: number;
}

/** Memory in KiB times passes over it. */
export const MAX_ARGON2_WORK = 8_388_608;

/** The peppers of the systems whose hashes are stored, by the names that the hashes have for them. */
export type PasswordPeppers = Readonly<Record<string, string>>;

export interface HashPoolSettings {
  readonly workers: number;
  /** How many may wait for a worker; the next one is refused at once. */
  readonly queueLimit: number;
  /** How long one may wait for a worker, in milliseconds. */
  readonly queueDeadlineMs: number;
}

/** How failed logins slow down further ones. Times in seconds. */
export interface ThrottleSettings {
  /** Attempts that cost no waiting; the next one waits `baseDelay`, and each one after that twice as long. */
  readonly freeAttempts: number;
  readonly baseDelay: number;
  readonly maxDelay: number;
  /** After this long without an attempt everything is forgotten. */
  readonly window: number;
  /** Accounts at which one address may fail; refilled evenly in half an hour; see `SourceBudgets`. */
  readonly sourceAccounts: number;
}

/** From how many refused passwords within `window` seconds on an alarm is raised; see `FailureRates`. */
export interface LoginAlarmSettings {
  readonly window: number;
  readonly global: number;
  /** Through one client. */
  readonly client: number;
}

/** How many requests a client may send in a second, for a while; see `ClientRates`. */
export interface ClientRateSettings {
  readonly token: number;
  readonly revocation: number;
  /** Streams of the revocation feed that it opens. */
  readonly feed: number;
}

/** For whom passkeys are made, and who may show them (WebAuthn). */
export interface PasskeySettings {
  /** The relying party id: the issuer's host or a parent domain of it. Passkeys are bound to it for good. */
  readonly rpId: string;
  /** Of the pages and applications that ask users for passkeys. */
  readonly origins: readonly string[];
}

/** A mail server. */
export interface SmtpSettings {
  readonly kind: 'smtp';
  readonly host: string;
  readonly port: number;
  /** `none` is for a mail server on this machine. */
  readonly encryption: 'tls' | 'starttls' | 'none';
  readonly credentials: { readonly user: string; readonly pass: string } | null;
  /** Certificates in PEM that its own may be of, beside those that Node.js trusts. */
  readonly ca: string | null;
  /** The sender's address. */
  readonly from: string;
}

/** A program that sends the messages. */
export interface WebhookSettings {
  readonly kind: 'webhook';
  readonly url: string;
  /** The key of the signatures. */
  readonly secret: string;
}

export type MessageTransportSettings = SmtpSettings | WebhookSettings | { readonly kind: 'print' };

/** How messages are sent to users. */
export interface MessageSettings {
  /** `null`: none are sent. */
  readonly transport: MessageTransportSettings | null;
  /** How long a request waits until its message is sent, in milliseconds. */
  readonly deadlineMs: number;
  /** Codes that one client may have sent; refilled evenly in half an hour. */
  readonly codesPerClient: number;
}

export interface BootstrapClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Everything that the environment decides, read once and frozen. */
export interface AuthorizationServerConfig {
  readonly http: HttpSettings;
  /** The `iss` of all tokens and the base of the advertised endpoints (RFC 8414 section 2). */
  readonly issuer: string;
  readonly production: boolean;
  readonly databaseUrl: DatabaseUrl;
  readonly dataDirectory: string;
  /** 32 bytes, or `null` where development makes its own in the data directory. */
  readonly masterKey: Buffer | null;
  /** The master key so far, while it is being replaced; else `null`. */
  readonly previousMasterKey: Buffer | null;
  readonly bootstrapClient: BootstrapClient | null;
  /** Path of the configuration file that is applied at start. */
  readonly configurationFile: string | null;
  /** Apply the demo file to a database that has neither clients nor users; never in production. */
  readonly demo: boolean;
  readonly tokenLifetimes: TokenLifetimes;
  readonly argon2: Argon2Settings;
  /** The peppers of other systems, by the names that stored hashes have for them. */
  readonly passwordPeppers: PasswordPeppers;
  readonly hashPool: HashPoolSettings;
  /** Shortest new password, in characters. */
  readonly passwordMinLength: number;
  readonly throttle: ThrottleSettings;
  readonly clientRates: ClientRateSettings;
  readonly loginAlarm: LoginAlarmSettings;
  /** How long audit events are kept, in seconds. */
  readonly auditRetention: number;
  /** How many live logins a user may have; the next one ends the oldest. `null`: as many as there are. */
  readonly maxLoginsPerUser: number | null;
  readonly passwordGrantEnabled: boolean;
  /** `null`: there can be none, because the issuer's host is an IP address. */
  readonly passkeys: PasskeySettings | null;
  readonly messages: MessageSettings;
  readonly trustProxy: boolean | readonly string[];
  /** Where metrics are served; `null`: nowhere. */
  readonly metrics: MetricsEndpoint | null;
  readonly logLevel: LogLevel;
}

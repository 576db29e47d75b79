import type { GrantType } from '@latchkey/contracts';
import type { TokenLifetimes } from '../config/authorization-server-config.js';
import type { Authority } from '../subjects/deleted-names.js';
import type { ClientRegistration } from './client-fields.js';

/** A stored client secret: never the secret itself. */
export interface ClientSecret {
  readonly id: string;
  readonly hash: string;
  /** Milliseconds since the epoch; `null` never ends. */
  readonly expiresAt: number | null;
}

/** A registered client (RFC 6749 section 2). The server's default lifetimes are already filled in. */
export interface Client
  extends Omit<ClientRegistration, 'grantTypes' | keyof TokenLifetimes>, Readonly<TokenLifetimes> {
  /** Internal and never reused; `clientId` may be registered again after a deletion. */
  readonly key: number;
  readonly secrets: readonly ClientSecret[];
  readonly grantTypes: ReadonlySet<GrantType>;
  readonly enabled: boolean;
  /** Raised by every change that must end the client's authorizations at once. */
  readonly epoch: number;
}

/** Who disabled something: what an administrator disabled, no configuration file enables. */
export type DisabledBy = Authority;

export interface StoredClient {
  readonly client: Client;
  readonly registration: ClientRegistration;
  readonly disabledBy: DisabledBy | null;
  /** Raised by every change of the registration and of the state. */
  readonly version: number;
  /** Milliseconds since the epoch, as all times. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface NewClientSecret {
  readonly hash: string;
  /** Milliseconds since the epoch; `null` never ends. */
  readonly expiresAt: number | null;
}

/** What may be told of a secret: when it was made, ends and was last used, and never what it is. */
export interface ClientSecretInfo {
  readonly id: string;
  readonly createdAt: number;
  /** `null` never ends. */
  readonly expiresAt: number | null;
  /** To the hour; `null`: not used yet. */
  readonly lastUsedAt: number | null;
}

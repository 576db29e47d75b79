import type { Step } from '@latchkey/platform';
import type { Client } from './client.js';
import type { ClientRegistration } from './client-registration.js';

/** Who disabled something: what an administrator disabled, no configuration file enables. */
export type DisabledBy = 'administrator' | 'configuration';

export interface StoredClient {
  readonly client: Client;
  readonly registration: ClientRegistration;
  readonly disabledBy: DisabledBy | null;
}

export interface NewClientSecret {
  readonly hash: string;
  /** Milliseconds since the epoch; `null` never ends. */
  readonly expiresAt: number | null;
}

export abstract class ClientRepository {
  abstract findByClientId(clientId: string): Promise<Client | null>;
  /** Whether any client, disabled or not, has a scope that starts with `prefix`. */
  abstract someoneHasScopeLike(prefix: string): Step<boolean>;
  abstract isEmpty(): Step<boolean>;
  abstract load(clientId: string): Step<StoredClient | null>;
  abstract insert(registration: ClientRegistration, disabledBy: DisabledBy | null): Step<{ key: number }>;
  abstract replace(key: number, registration: ClientRegistration): Step<void>;
  abstract setDisabled(key: number, disabledBy: DisabledBy | null): Step<void>;
  /** Ends every authorization of the client. */
  abstract raiseEpoch(key: number): Step<void>;
  abstract addSecret(key: number, secret: NewClientSecret): Step<void>;
  abstract removeSecrets(key: number): Step<void>;
  abstract delete(key: number): Step<void>;
}

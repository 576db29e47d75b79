import type { Reader, Transaction } from '@latchkey/platform/database';
import type { Authority } from '../subjects/deleted-names.js';
import type { Client } from './client.js';
import type { ClientRegistration } from './client-fields.js';

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
export interface ClientSecretFacts {
  readonly id: string;
  readonly createdAt: number;
  /** `null` never ends. */
  readonly expiresAt: number | null;
  /** To the hour; `null`: not used yet. */
  readonly lastUsedAt: number | null;
}

/** Each method that writes tells all servers, which then forget what they remember of the client. */
export abstract class ClientRepository {
  /** From memory, as long as nothing changes. */
  abstract findByClientId(clientId: string): Promise<Client | null>;
  /** From the database even if memory knows the client. */
  abstract rereadByClientId(clientId: string): Promise<Client | null>;
  /** @returns `null` when memory does not know the client, who may exist */
  abstract recallByClientId(clientId: string): Client | null;
  /** Whether any client, disabled or not, has a scope that starts with `prefix`. */
  abstract someoneHasScopeLike(tx: Transaction, prefix: string): Promise<boolean>;
  /** Whether an enabled client but this one has the scope, may use it on its own behalf and can authenticate. */
  abstract anotherHasScope(tx: Transaction, key: number, name: string): Promise<boolean>;
  abstract isEmpty(reader: Reader): Promise<boolean>;
  /** Every `client_id`, and whether the client has administrative scopes. */
  abstract listNames(tx: Transaction): Promise<{ clientId: string; isAdministrator: boolean }[]>;
  abstract load(tx: Transaction, clientId: string): Promise<StoredClient | null>;
  abstract insert(
    tx: Transaction,
    registration: ClientRegistration,
    disabledBy: DisabledBy | null,
  ): Promise<{ key: number }>;
  abstract replace(tx: Transaction, key: number, registration: ClientRegistration): Promise<void>;
  abstract setDisabled(tx: Transaction, key: number, disabledBy: DisabledBy | null): Promise<void>;
  /** Ends every authorization of the client. */
  abstract raiseEpoch(tx: Transaction, key: number): Promise<void>;
  /** @returns its id */
  abstract addSecret(tx: Transaction, key: number, secret: NewClientSecret): Promise<string>;
  /** Oldest first. */
  abstract listSecrets(reader: Reader, key: number): Promise<ClientSecretFacts[]>;
  /** Lets the secrets that there are end at that time at the latest. */
  abstract expireSecrets(tx: Transaction, key: number, at: number): Promise<void>;
  abstract removeExpiredSecrets(tx: Transaction, key: number): Promise<void>;
  /** @returns false when there is no such secret */
  abstract removeSecret(tx: Transaction, key: number, id: string): Promise<boolean>;
  abstract removeSecrets(tx: Transaction, key: number): Promise<void>;
  abstract delete(tx: Transaction, key: number): Promise<void>;
}

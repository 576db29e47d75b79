import type { GrantType } from '@latchkey/contracts';
import type { TokenLifetimes } from '../config/authorization-server-config.js';
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

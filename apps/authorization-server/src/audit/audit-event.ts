export type AuditKind =
  | 'login'
  | 'client_authorized'
  | 'refresh_token_reuse'
  | 'rollback_detected'
  | 'authorization_revoked'
  | 'client_created'
  | 'client_updated'
  | 'client_enabled'
  | 'client_disabled'
  | 'client_deleted'
  | 'client_secret_replaced'
  | 'scope_created'
  | 'scope_updated'
  | 'user_created'
  | 'user_updated'
  | 'user_enabled'
  | 'user_disabled'
  | 'user_deleted'
  | 'password_changed'
  | 'data_key_rotated'
  | 'configuration_applied';

/** Who does something, and through which request. */
export interface AuditContext {
  /** A `client_id`, a `sub`, or a part of the server itself such as `configuration`. */
  readonly actor: string;
  /** Of the end user where known, else of the peer; `null` for the server itself. */
  readonly address: string | null;
  readonly requestId: string | null;
}

/** What happened. Never holds a password, a secret, a token or a name that nobody has. */
export interface AuditEvent extends AuditContext {
  readonly kind: AuditKind;
  readonly outcome: 'success' | 'failure';
  readonly clientId?: string;
  /** The `sub` concerned; for a failed login with a name that nobody has, a keyed hash of the name. */
  readonly subject?: string;
  readonly sid?: string;
  /** Further facts, such as the reason of a failure. */
  readonly detail?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

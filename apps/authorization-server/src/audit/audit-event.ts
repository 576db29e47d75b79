import type { FieldChange, FieldValue } from './field-changes.js';

export const AUDIT_KINDS = [
  'login',
  'client_authorized',
  'refresh_token_repeated',
  'refresh_token_reuse',
  'rollback_detected',
  'authorization_revoked',
  'client_authorizations_revoked',
  'user_authorizations_revoked',
  'client_created',
  'client_updated',
  'client_enabled',
  'client_disabled',
  'client_deleted',
  'client_secret_added',
  'client_secret_removed',
  'client_secret_replaced',
  'scope_created',
  'scope_updated',
  'scope_deleted',
  'group_created',
  'group_updated',
  'group_deleted',
  'user_created',
  'user_updated',
  'user_enabled',
  'user_disabled',
  'user_deleted',
  'user_unlocked',
  'password_changed',
  'second_factor_added',
  'second_factor_removed',
  'second_factors_reset',
  'recovery_codes_renewed',
  'recovery_code_used',
  'email_code_requested',
  'data_key_rotated',
  'data_keys_revoked',
  'configuration_applied',
] as const;

export type AuditKind = (typeof AUDIT_KINDS)[number];

export const AUDIT_OUTCOMES = ['success', 'failure'] as const;

/**
 * Why a repeated answer to a refresh token within the grace is recorded: the token was spent by the rotation, or the
 * request came from another network than the rotation. The second reason covers both.
 */
export const REPEAT_REASONS = ['spent_token', 'other_address'] as const;

export type RepeatReason = (typeof REPEAT_REASONS)[number];

/** Actors in the audit log that are parts of the server. No client or user has such a name. */
export const SERVER_ACTORS = ['bootstrap', 'configuration'] as const;

/** The actor of an event, and its request. */
export interface AuditContext {
  /** A `client_id`, a `sub`, or one of {@link SERVER_ACTORS}. */
  readonly actor: string;
  /** The address of the end user if known, else of the peer; `null` for the server itself. */
  readonly address: string | null;
  readonly requestId: string | null;
}

export type AuditDetail = Readonly<Record<string, FieldValue | readonly FieldChange[]>>;

/** An audit event. It never contains a password, a secret, a token, or a user name that does not exist. */
export interface AuditEvent extends AuditContext {
  readonly kind: AuditKind;
  readonly outcome: (typeof AUDIT_OUTCOMES)[number];
  readonly clientId?: string;
  /** The `sub` concerned; for a failed login with an unknown user name, a keyed hash of the name. */
  readonly subject?: string;
  readonly sid?: string;
  /**
   * Further information, such as the reason of a failure. Created, changed and deleted things have `changes`: each
   * field by its wire name, with its value before and after.
   */
  readonly detail?: AuditDetail;
}

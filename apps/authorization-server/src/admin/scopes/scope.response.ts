import { isBuiltInScope } from '../../scopes/reserved-scope.js';
import type { Scope } from '../../scopes/scope-repository.js';
import type { StoredClient } from '../../clients/client.js';

export interface ScopeResponse {
  name: string;
  description: string;
  /** Part of the server: it can be neither described anew nor deleted. */
  built_in: boolean;
}

/** A client that may ask for a scope. */
export interface ScopeClientResponse {
  client_id: string;
  client_name: string;
  enabled: boolean;
}

export function toScopeResponse({ name, description }: Scope): ScopeResponse {
  return { name, description, built_in: isBuiltInScope(name) };
}

export function toScopeClientResponse({ client }: StoredClient): ScopeClientResponse {
  return { client_id: client.clientId, client_name: client.clientName, enabled: client.enabled };
}

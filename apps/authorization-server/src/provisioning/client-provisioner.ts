import { Inject, Injectable } from '@nestjs/common';
import { ScopeSet } from '@latchkey/contracts';
import { type Step, secretWeakness } from '@latchkey/platform';
import type { AuditContext } from '../audit/audit-event.js';
import { registrationProblems, type ClientRegistration } from '../clients/client-registration.js';
import { ClientRepository } from '../clients/client-repository.js';
import { hashClientSecret } from '../clients/client-secret-hash.js';
import { ClientsService } from '../clients/clients.service.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { DeletedNames } from '../subjects/deleted-names.js';
import { SubjectTakenError } from '../subjects/subject-names.js';
import type { ClientEntry } from './configuration-document.js';

/** Creates or updates the clients of a configuration file. */
@Injectable()
export class ClientProvisioner {
  constructor(
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
    private readonly repository: ClientRepository,
    private readonly clients: ClientsService,
    private readonly deletedNames: DeletedNames,
  ) {}

  /** @returns what is wrong with the entry; the caller then abandons the unit of work */
  *apply(entry: ClientEntry, scopes: ReadonlySet<string>, context: AuditContext): Step<string[]> {
    if (yield* this.deletedNames.includes('client', entry.client_id)) return [];
    const registration = toRegistration(entry);
    const stored = yield* this.repository.load(entry.client_id);
    // New, or public until now.
    const needsSecret = stored === null || stored.client.secrets.length === 0;
    const problems = [
      ...registrationProblems(registration, scopes).map(({ field, problem }) => `${field}: ${problem}`),
      ...this.#secretProblems(entry, needsSecret),
    ];
    if (problems.length > 0) return problems;

    const secretHash = secretHashOf(entry);
    const disabledBy = entry.enabled === false ? 'configuration' : null;
    if (stored === null) {
      try {
        yield* this.clients.register(registration, secretHash, disabledBy, context);
      } catch (error) {
        if (error instanceof SubjectTakenError) return [`client_id: ${error.message}`];
        throw error;
      }
      return [];
    }
    if (!sameRegistration(stored.registration, registration)) {
      yield* this.clients.update(stored, registration, context);
    }
    if ((entry.reset === true || needsSecret) && secretHash !== null) {
      yield* this.clients.replaceSecret(stored, secretHash, context);
    }
    // What an administrator disabled stays so.
    if (stored.disabledBy !== 'administrator' && stored.disabledBy !== disabledBy) {
      yield* this.clients.setDisabled(stored, disabledBy, context);
    }
    return [];
  }

  #secretProblems(entry: ClientEntry, needed: boolean): string[] {
    const { client_secret: secret, client_secret_hash: hash, client_type: type = 'confidential' } = entry;
    if (secret !== undefined && hash !== undefined) return ['client_secret: goes without client_secret_hash'];
    if (type === 'public') {
      return secret === undefined && hash === undefined ? [] : ['client_secret: a public client has none'];
    }
    if (needed && secret === undefined && hash === undefined) return ['client_secret: is required'];
    const weakness = secret === undefined || !this.config.production ? null : secretWeakness(secret);
    return weakness === null ? [] : [`client_secret: ${weakness}`];
  }
}

function toRegistration(entry: ClientEntry): ClientRegistration {
  const grantTypes = entry.grant_types ?? [];
  return {
    clientId: entry.client_id,
    clientName: entry.client_name ?? entry.client_id,
    clientType: entry.client_type ?? 'confidential',
    grantTypes,
    scope: entry.scope === undefined ? ScopeSet.EMPTY : ScopeSet.parse(entry.scope),
    defaultScope: entry.default_scope === undefined ? null : ScopeSet.parse(entry.default_scope),
    audience: entry.audience ?? [],
    accessTokenFormat: entry.access_token_format ?? 'jwt',
    accessTokenTtl: entry.access_token_ttl ?? null,
    refreshTokenPolicy:
      entry.refresh_token_policy ?? (grantTypes.includes('refresh_token') ? 'unlimited' : 'none'),
    refreshTokenMaxUses: entry.refresh_token_max_uses ?? null,
    refreshTokenTtl: entry.refresh_token_ttl ?? null,
    refreshTokenIdleTtl: entry.refresh_token_idle_ttl ?? null,
    refreshTokenGrace: entry.refresh_token_grace ?? null,
    mayIntrospect: entry.may_introspect ?? false,
    forwardsEndUserAddress: entry.forwards_end_user_address ?? false,
    passwordGrantUntil: entry.password_grant_until ?? null,
  };
}

function secretHashOf({ client_secret: secret, client_secret_hash: hash }: ClientEntry): string | null {
  return hash ?? (secret === undefined ? null : hashClientSecret(secret));
}

function sameRegistration(left: ClientRegistration, right: ClientRegistration): boolean {
  return comparable(left) === comparable(right);
}

function comparable(registration: ClientRegistration): string {
  const { scope, defaultScope, ...rest } = registration;
  return JSON.stringify([scope.toString(), defaultScope?.toString() ?? null, Object.entries(rest).sort()]);
}

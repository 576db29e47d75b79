import { HttpCode, Post } from '@nestjs/common';
import type { EntryChange } from '../../provisioning/configuration-change.js';
import { Administers } from '../common/administers.decorator.js';
import { CurrentAdministrator, type Administrator } from '../common/administrator.js';
import { Body } from '../common/strict-input.js';
import { AdminConfigurationService } from './admin-configuration.service.js';
import { ApplyClientsRequest, ApplyScopesRequest, ApplyUsersRequest } from './configuration.requests.js';

/** What became, or would become, of each entry, in their order. */
export interface ChangesResponse {
  changes: readonly EntryChange[];
}

@Administers('scopes', 'configuration/scopes')
export class AdminApplyScopesController {
  constructor(private readonly configuration: AdminConfigurationService) {}

  @Post()
  @HttpCode(200)
  async apply(
    @Body(ApplyScopesRequest) { scopes, dry_run: dryRun = false }: ApplyScopesRequest,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<ChangesResponse> {
    return { changes: await this.configuration.applyScopes(scopes, dryRun, administrator) };
  }
}

@Administers('clients', 'configuration/clients')
export class AdminApplyClientsController {
  constructor(private readonly configuration: AdminConfigurationService) {}

  @Post()
  @HttpCode(200)
  async apply(
    @Body(ApplyClientsRequest) { clients, ...request }: ApplyClientsRequest,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<ChangesResponse> {
    const changes = await this.configuration.applyClients(clients, optionsOf(request), administrator);
    return { changes };
  }
}

@Administers('users', 'configuration/users')
export class AdminApplyUsersController {
  constructor(private readonly configuration: AdminConfigurationService) {}

  @Post()
  @HttpCode(200)
  async apply(
    @Body(ApplyUsersRequest) { users, ...request }: ApplyUsersRequest,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<ChangesResponse> {
    return { changes: await this.configuration.applyUsers(users, optionsOf(request), administrator) };
  }
}

function optionsOf(request: { dry_run?: boolean; scopes_to_come?: string[] }) {
  const { dry_run: dryRun = false, scopes_to_come: toCome = [] } = request;
  // Only what is there can be granted.
  return { dryRun, scopesToCome: dryRun ? toCome : [] };
}

import { HttpCode, Post } from '@nestjs/common';
import {
  Describe,
  listOf,
  named,
  nullable,
  objectSchema,
  oneOf,
  TEXT,
  type EndpointDescription,
  type Schema,
  type TypeOf,
} from '@latchkey/platform/openapi';
import { ArrayMaxSize, IsArray, IsBoolean, Length } from 'class-validator';
import type { FieldChange } from '../audit/field-changes.js';
import type { EntryChange } from '../provisioning/configuration-change.js';
import { ClientEntry, GroupEntry, ScopeEntry, UserEntry } from '../provisioning/configuration-document.js';
import { IsListOf, IsScopeName, Optional } from '../fields/validators.js';
import { Administers } from './administers.decorator.js';
import { CurrentAdministrator, type Administrator } from './administrator.js';
import { AdminConfigurationService } from './configuration.service.js';
import { StrictBody } from './strict-input.js';

/** Entries in one request. On SQLite they hold up other requests: 100 new clients, which cost most, for 65 ms. */
const MAX_ENTRIES = 100;

const MAX_SCOPES = 1000;

class ApplyRequest {
  /** Report what would change, and change nothing. */
  @Optional()
  @IsBoolean()
  dry_run?: boolean;
}

class ApplyScopesRequest extends ApplyRequest {
  @IsListOf(() => ScopeEntry, { max: MAX_ENTRIES, isFilled: true })
  scopes!: ScopeEntry[];
}

class ApplyGroupsRequest extends ApplyRequest {
  @IsListOf(() => GroupEntry, { max: MAX_ENTRIES, isFilled: true })
  groups!: GroupEntry[];
}

class ApplyWithScopesRequest extends ApplyRequest {
  /** In a dry run: scopes that count as existing, because the same file creates them. */
  @Optional()
  @IsArray()
  @ArrayMaxSize(MAX_SCOPES)
  @IsScopeName({ each: true })
  @Length(1, 255, { each: true })
  scopes_to_come?: string[];
}

class ApplyClientsRequest extends ApplyWithScopesRequest {
  @IsListOf(() => ClientEntry, { max: MAX_ENTRIES, isFilled: true })
  clients!: ClientEntry[];
}

class ApplyUsersRequest extends ApplyWithScopesRequest {
  @IsListOf(() => UserEntry, { max: MAX_ENTRIES, isFilled: true })
  users!: UserEntry[];
}

/** The API deletes nothing. */
const ACTION: Schema<EntryChange['action']> = oneOf('create', 'update', 'keep', 'unchanged');

/** The outcome of each entry, in the order of the entries: see `EntryChange`. */
const CHANGES = named(
  'ConfigurationChanges',
  objectSchema({
    changes: listOf(
      objectSchema(
        {
          kind: oneOf('scope', 'group', 'client', 'user'),
          name: TEXT,
          action: ACTION,
          fields: listOf<FieldChange>({ type: 'object' }),
          note: nullable(TEXT),
        },
        { warning: TEXT },
      ),
    ),
  }),
);

type ChangesResponse = TypeOf<typeof CHANGES>;

function applied(list: string, entry: object): [string, EndpointDescription] {
  return [
    `Applies ${list} of a configuration file, all of the request or nothing`,
    { answer: CHANGES, example: { [list]: [entry], dry_run: true } },
  ];
}

@Administers('scopes', 'configuration/scopes')
export class AdminApplyScopesController {
  constructor(private readonly configuration: AdminConfigurationService) {}

  @Post()
  @HttpCode(200)
  @Describe(...applied('scopes', { name: 'reports:read', description: 'Read reports' }))
  async applyScopes(
    @StrictBody(ApplyScopesRequest) { scopes, dry_run: dryRun = false }: ApplyScopesRequest,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<ChangesResponse> {
    return { changes: await this.configuration.applyScopes(scopes, dryRun, administrator) };
  }
}

@Administers('users', 'configuration/groups')
export class AdminApplyGroupsController {
  constructor(private readonly configuration: AdminConfigurationService) {}

  @Post()
  @HttpCode(200)
  @Describe(...applied('groups', { name: 'staff', second_factor: 'required' }))
  async applyGroups(
    @StrictBody(ApplyGroupsRequest) { groups, dry_run: dryRun = false }: ApplyGroupsRequest,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<ChangesResponse> {
    return { changes: await this.configuration.applyGroups(groups, dryRun, administrator) };
  }
}

@Administers('clients', 'configuration/clients')
export class AdminApplyClientsController {
  constructor(private readonly configuration: AdminConfigurationService) {}

  @Post()
  @HttpCode(200)
  @Describe(
    ...applied('clients', {
      client_id: 'reports',
      client_secret_hash: '$sha256$47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
      grant_types: ['client_credentials'],
      audience: ['https://api.example.com/'],
    }),
  )
  async applyClients(
    @StrictBody(ApplyClientsRequest) { clients, ...request }: ApplyClientsRequest,
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
  @Describe(...applied('users', { username: 'grace', password: 'a lantern in the fog', groups: ['staff'] }))
  async applyUsers(
    @StrictBody(ApplyUsersRequest) { users, ...request }: ApplyUsersRequest,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<ChangesResponse> {
    return { changes: await this.configuration.applyUsers(users, optionsOf(request), administrator) };
  }
}

function optionsOf(request: { dry_run?: boolean; scopes_to_come?: string[] }) {
  const { dry_run: dryRun = false, scopes_to_come: toCome = [] } = request;
  // Only scopes that exist can be granted.
  return { dryRun, scopesToCome: dryRun ? toCome : [] };
}

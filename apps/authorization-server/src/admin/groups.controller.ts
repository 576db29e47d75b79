import { Delete, Get, HttpCode, Put } from '@nestjs/common';
import { Database } from '@latchkey/platform/database';
import { Describe, listOf, named, objectSchema, TEXT, type TypeOf } from '@latchkey/platform/openapi';
import { fromWire } from '../fields/field.js';
import { withRules } from '../fields/field-rules.js';
import { schemasOf } from '../fields/field-schemas.js';
import { SECOND_FACTOR_FIELDS } from '../fields/second-factor-rule.js';
import {
  groupFields,
  GroupsService,
  MAX_GROUPS,
  TooManyGroupsError,
  type Group,
} from '../groups/groups.service.js';
import { Administers } from './administers.decorator.js';
import { CurrentAdministrator, type Administrator } from './administrator.js';
import { Problem } from './problem.js';
import { StrictBody } from './strict-input.js';
import { PathName } from './wire.js';

/** Maximum length of a name, as for the groups of a user. */
const MAX_NAME = 255;

class GroupRequest extends withRules(SECOND_FACTOR_FIELDS) {}

const GROUP = named('Group', objectSchema({ name: TEXT, ...schemasOf(SECOND_FACTOR_FIELDS) }));

const GROUPS = objectSchema({ data: listOf(GROUP) });

export type GroupResponse = TypeOf<typeof GROUP>;

/** The groups that have rules for their users. The users themselves list the groups that they are in. */
@Administers('users', 'groups')
export class AdminGroupsController {
  constructor(
    private readonly database: Database,
    private readonly groups: GroupsService,
  ) {}

  @Get()
  @Describe('Lists the groups that have rules for their users, by name', { answer: GROUPS })
  async listGroups(): Promise<TypeOf<typeof GROUPS>> {
    const groups = await this.groups.list(this.database.reader('administration'));
    return { data: groups.map(toGroupResponse) };
  }

  @Get(':name')
  @Describe('Reads the rules of a group', { answer: GROUP })
  async readGroup(@PathName('name') name: string): Promise<GroupResponse> {
    const group = await this.groups.find(this.database.reader('administration'), name);
    if (group === null) throw Problem.notFound('group with rules');
    return toGroupResponse(group);
  }

  @Put(':name')
  @Describe('Sets the rules of a group; what is left out says nothing', {
    answer: GROUP,
    example: { second_factor: 'required', second_factor_from: '2027-06-30' },
    refusals: {
      404: 'No group can have such a name',
      409: 'There are as many groups with rules as there may be',
    },
  })
  async setGroup(
    @PathName('name') name: string,
    @StrictBody(GroupRequest) request: GroupRequest,
    @CurrentAdministrator() { context }: Administrator,
  ): Promise<GroupResponse> {
    if (name.length > MAX_NAME)
      throw Problem.invalid([{ field: 'name', problem: `has more than ${MAX_NAME} characters` }]);
    const group = { name, ...fromWire(SECOND_FACTOR_FIELDS, request) };
    try {
      await this.database.transaction((tx) => this.groups.save(tx, group, context), 'administration');
    } catch (error) {
      if (!(error instanceof TooManyGroupsError)) throw error;
      throw Problem.conflict('name', `there are ${MAX_GROUPS} groups with rules already`);
    }
    return toGroupResponse(group);
  }

  @Delete(':name')
  @HttpCode(204)
  @Describe('Deletes the rules of a group; its users stay in it')
  async deleteGroup(
    @PathName('name') name: string,
    @CurrentAdministrator() { context }: Administrator,
  ): Promise<void> {
    const isDeleted = await this.database.transaction(
      (tx) => this.groups.remove(tx, name, context),
      'administration',
    );
    if (!isDeleted) throw Problem.notFound('group with rules');
  }
}

function toGroupResponse(group: Group): GroupResponse {
  return { name: group.name, ...groupFields(group) };
}

import { SECOND_FACTOR_FIELDS } from '../../fields/second-factor-rule.js';
import type { CommandModule } from '../cli-command.js';
import { givenFields, optionsOf, requireField } from '../fields.js';
import { ONLINE } from '../options.js';
import { ResourceCommands, type Resource } from '../resource.js';

const FIELDS = optionsOf(SECOND_FACTOR_FIELDS);

const GROUPS: Resource = {
  area: 'users',
  path: 'groups',
  columns: ['name', 'second_factor', { name: 'second_factor_from', title: 'FROM' }],
};

export const groupsCommand: CommandModule = (program, cli) => {
  const group = program.subcommand('groups', 'set rules for all users of a group').helpGroup(ONLINE);
  const groups = new ResourceCommands(group, cli, GROUPS);
  groups.list('list the groups that have rules');
  groups.show('show <group>', 'show the rules of one');
  const set = groups.on(
    'set <group>',
    'set its rules; what is left out says nothing',
    async (session, { path }, options) => {
      const given = Object.entries(givenFields(options, FIELDS));
      const body = Object.fromEntries(given.filter(([, value]) => value !== null));
      await session.show((await session.request<object>('users', { method: 'PUT', path, body })).body);
    },
    FIELDS,
  );
  requireField(set, FIELDS).example(
    'groups set staff --second-factor required --second-factor-from 2027-06-30',
    'all of staff need a second factor from that day on',
  );
  groups.delete('delete <group>', 'delete its rules; its users stay in it');
};

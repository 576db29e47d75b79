import { Argument } from 'commander';
import type { CommandModule } from '../cli-command.js';
import { ROTATING_PURPOSES } from '../../data-keys/data-key.js';
import { ONLINE } from './groups.js';
import { listOptions, onlineOptions } from '../options.js';

const run = () => import('../online/keys.js');

export const keysCommand: CommandModule = (program, cli) => {
  const keys = program.subcommand('keys', 'see and rotate the keys behind the tokens').helpGroup(ONLINE);

  listOptions(keys.subcommand('list', 'list keys: never their values')).runs(
    cli,
    async () => (await run()).listKeys,
  );

  onlineOptions(keys.subcommand('rotate', 'put the next key to use'))
    .addArgument(new Argument('<purpose>', 'what the key is for').choices(ROTATING_PURPOSES))
    .option('--force', 'do not wait until every server knows the next key')
    .option('--revoke-others', 'in an emergency: refuse what the keys so far have made, at once')
    .option('--yes', 'without asking')
    .example('keys rotate signing', 'as a routine; nobody notices')
    .runs(cli, async () => (await run()).rotateKey);
};

import type { CommandModule } from '../cli-command.js';
import { ONLINE } from './groups.js';
import { jsonOption, onlineOptions, wideOption } from '../options.js';

const run = () => import('../online/profile-commands.js');

export const profilesCommand: CommandModule = (program, cli) => {
  const profiles = program
    .subcommand('profiles', 'store servers and credentials under names, in a file that only you can read')
    .helpGroup(ONLINE);

  profiles
    .subcommand('set <name>', 'store one; the secret is asked for, or taken from the standard input')
    .requiredOption('--url <url>', 'the server')
    .requiredOption('--client-id <id>', 'the client to act as')
    .option('--no-verify', 'store it without asking the server whether it is right')
    .example(
      'profiles set default --url https://login.example.com --client-id latchkey-admin',
      'used by all commands',
    )
    .runs(cli, async () => (await run()).setProfile);

  profiles
    .subcommand('list', 'list them, without secrets; * is the one that commands use', { isDefault: true })
    .addOption(jsonOption())
    .addOption(wideOption())
    .runs(cli, async () => (await run()).listProfiles);

  profiles.subcommand('delete <name>', 'forget one').runs(cli, async () => (await run()).deleteProfile);
};

export const whoamiCommand: CommandModule = (program, cli) => {
  onlineOptions(
    program.subcommand('whoami', 'show the server, the client that commands act as, and what it may do'),
  )
    .helpGroup(ONLINE)
    .example('whoami --profile staging', 'what another profile is')
    .runs(cli, async () => (await import('../online/whoami.js')).whoAmI);
};

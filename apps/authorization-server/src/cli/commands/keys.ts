import { Argument } from 'commander';
import type { CommandModule } from '../cli-command.js';
import { ROTATING_PURPOSES } from '../../data-keys/data-key.js';
import { onlineOptions, ONLINE } from '../options.js';
import { ResourceCommands } from '../resource.js';

export const keysCommand: CommandModule = (program, cli) => {
  const group = program.subcommand('keys', 'see and rotate the keys behind the tokens').helpGroup(ONLINE);
  const columns = ['kid', 'purpose', 'alg', 'state', 'created_at'];
  new ResourceCommands(group, cli, { area: 'keys', path: 'keys', columns }).list(
    'list keys: never their values',
  );
  onlineOptions(group.subcommand('rotate', 'put the next key to use'))
    .addArgument(new Argument('<purpose>', 'what the key is for').choices(ROTATING_PURPOSES))
    .option('--force', 'do not wait until every server knows the next key')
    .option('--revoke-others', 'in an emergency: refuse what the keys so far have made, at once')
    .option('--yes', 'without asking')
    .example('keys rotate signing', 'as a routine; users notice nothing')
    .runsOnline(
      cli,
      async (session, purpose: string, options: { force?: boolean; revokeOthers?: boolean }) => {
        const { force = false, revokeOthers = false } = options;
        if (revokeOthers) await session.agree(`End at once all that the ${purpose} keys have made?`);
        await session.request('keys', {
          method: 'POST',
          ...(revokeOthers
            ? { path: 'keys/revoke', body: { purposes: [purpose] } }
            : { path: 'keys/rotate', body: { purpose, force } }),
        });
        session.note(revokeOthers ? 'Rotated; what the keys so far have made is refused.' : 'Rotated.');
      },
    );
};

import { Argument } from 'commander';
import type { Cli } from '../cli.js';
import type { CommandModule } from '../cli-command.js';
import { SHELLS, type Shell } from '../completion/scripts.js';

export const completionCommand: CommandModule = (program, cli) => {
  program
    .subcommand('completion', 'write a script that lets a shell complete commands, options and values')
    .helpGroup('For the shell:')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .example('completion bash > ~/.local/share/bash-completion/completions/latchkey', 'for every new bash')
    .runs(cli, async () => {
      const { completableOf } = await import('../completion/completable.js');
      const { completionScript } = await import('../completion/scripts.js');
      return ({ terminal }: Cli, shell: Shell) =>
        terminal.write(completionScript(completableOf(program), shell));
    });
};

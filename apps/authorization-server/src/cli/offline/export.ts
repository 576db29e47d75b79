import { ConfigurationExporter } from '../../provisioning/configuration-exporter.js';
import { writeConfiguration } from '../../provisioning/configuration-writer.js';
import type { Cli } from '../cli.js';
import type { ExportOptions } from '../options.js';
import { writePrivateFile } from '../output/private-file.js';
import { chooseDatabase, withDatabase } from './with-database.js';

/** Exports the current state of the installation, from one snapshot. */
export async function exportConfiguration(cli: Cli, options: ExportOptions): Promise<void> {
  const { output, format, withSecrets = false } = options;
  const config = await chooseDatabase(cli);
  await withDatabase(cli, config, { migrate: false, create: false }, ({ database }) =>
    new ConfigurationExporter(database, withSecrets).read((configuration) =>
      output === undefined
        ? writeConfiguration(configuration, format, (text) => cli.terminal.write(text))
        : writePrivateFile(output, (write) => writeConfiguration(configuration, format, write)),
    ),
  );
}

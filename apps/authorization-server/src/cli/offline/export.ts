import { ConfigurationExporter } from '../../provisioning/export/configuration-exporter.js';
import { writeConfiguration, type FileFormat } from '../../provisioning/export/configuration-writer.js';
import type { Cli } from '../cli.js';
import { writePrivateFile } from './private-file.js';
import { chooseDatabase, withDatabase } from './with-database.js';

export interface ExportOptions {
  readonly output?: string;
  readonly format: FileFormat;
  readonly withSecrets?: boolean;
}

/** Writes the installation as it is at this moment, however long that takes. */
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

import type { CommandModule } from '../cli-command.js';
import {
  applyCommand,
  afterRestoreCommand,
  backupCommand,
  restoreCommand,
  bootstrapCommand,
  exportCommand,
  migrateCommand,
} from './offline.js';
import { authorizationsCommand } from './authorizations.js';
import { clientsCommand } from './clients.js';
import { completionCommand } from '../completion.js';
import { factorsCommand } from './factors.js';
import { groupsCommand } from './groups.js';
import { keysCommand } from './keys.js';
import { loginCommand, profilesCommand, whoamiCommand } from './profiles.js';
import { auditEventsCommand, passwordGrantUsageCommand } from './reports.js';
import { scopesCommand } from './scopes.js';
import { usersCommand } from './users.js';

/** Every command of the program, in the order of its help. A new one is a file beside this and a line here. */
export const COMMANDS: readonly CommandModule[] = [
  scopesCommand,
  clientsCommand,
  usersCommand,
  groupsCommand,
  factorsCommand,
  authorizationsCommand,
  keysCommand,
  auditEventsCommand,
  passwordGrantUsageCommand,
  loginCommand,
  whoamiCommand,
  profilesCommand,
  migrateCommand,
  bootstrapCommand,
  exportCommand,
  applyCommand,
  backupCommand,
  restoreCommand,
  afterRestoreCommand,
  completionCommand,
];

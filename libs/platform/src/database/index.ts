export * from './columns.js';
export { Database, type DatabaseSchema } from './database.js';
export * from './database-access-error.js';
export { describeDatabase, parseDatabaseUrl, type DatabaseUrl } from './database-url.js';
export * from './distinct-values.js';
export { earliestId, idFromBytes, idToBytes, isId, newId } from './ids.js';
export { runInOrder, type IndependentStatements } from './independent-statements.js';
export { nameRange } from './name-range.js';
export * from './open-database.js';
export { ForeignAwaitError } from './open-transaction.js';
export type { WorkClass } from './pool-gate.js';
export * from './dry-run.js';
export {
  assertNotNewer,
  MissingDatabaseError,
  NewerSchemaError,
  OutdatedSchemaError,
} from './schema-state.js';
export * from './sqlite-backup.js';
export { DatabaseInUseError } from './sqlite-lock.js';
export * from './statements.js';
export * from './storage-unavailable.js';
export * from './transaction.js';
export * from './database-metrics.js';

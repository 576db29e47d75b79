import type { Sql } from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import { Notification } from '../notifications/notification.js';
import { createEntityManager } from './entity-manager.js';
import { OpenTransaction } from './open-transaction.js';
import type { SqliteStatements } from './sqlite-statements.js';
import type { Row } from './transaction.js';

/** Its statements run synchronously, within the transaction that the writer began. */
export class SqliteTransaction extends OpenTransaction {
  readonly payloads: string[] = [];

  constructor(
    private readonly statements: SqliteStatements,
    private readonly dataSource: DataSource,
  ) {
    super();
  }

  protected createManager(): EntityManager {
    return createEntityManager(this.dataSource, (text, values) =>
      this.step(() => this.statements.execute(text, values)),
    );
  }

  query<T = Row>(statement: Sql): Promise<T[]> {
    return this.step(() => this.statements.run(statement) as T[]);
  }

  /** Transactions never overlap here, so a lock is always free. */
  lock(): Promise<void> {
    return this.step(() => undefined);
  }

  notify(payload: string): Promise<void> {
    return this.step(() => void this.payloads.push(new Notification(payload).payload));
  }
}

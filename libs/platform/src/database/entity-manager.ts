import { DataSource, type DataSourceOptions, type EntityManager, type QueryRunner } from 'typeorm';

/** What became of a statement, as TypeORM's own query runner of the database says it. */
export interface StatementResult {
  readonly raw: unknown;
  readonly records?: unknown[];
  readonly affected?: number | null;
}

/** Entities are the same on both databases. Two types have another name: bytes, and keys that the database makes. */
export function createDataSource(options: DataSourceOptions): DataSource {
  const dataSource = new DataSource(options);
  const { driver } = dataSource;
  const normalizeType = driver.normalizeType.bind(driver);
  driver.normalizeType = (column) => {
    const type = normalizeType(column);
    if (options.type === 'postgres') return type === 'blob' ? 'bytea' : type;
    return 'isGenerated' in column && column.isGenerated === true ? 'integer' : type;
  };
  return dataSource;
}

/** TypeORM's repositories and query builders. @param send runs their statements: it waits its turn, counts or refuses */
export function createEntityManager(
  dataSource: DataSource,
  send: (text: string, values: unknown[]) => Promise<StatementResult>,
): EntityManager {
  const query = async (text: string, values: unknown[] = [], isStructured = false): Promise<unknown> => {
    const result = await send(text, values);
    return isStructured ? result : result.raw;
  };
  const runner = Object.create(dataSource.createQueryRunner(), {
    query: { value: query },
    // Nothing begins a transaction of its own.
    isTransactionActive: { value: true },
  }) as QueryRunner;
  return dataSource.createEntityManager(runner);
}

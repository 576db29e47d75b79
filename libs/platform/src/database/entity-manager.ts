import { DataSource, type DataSourceOptions, type EntityManager, type QueryRunner } from 'typeorm';

/** The result of a statement, in the form of TypeORM's own query runner for the database. */
export interface StatementResult {
  readonly raw: unknown;
  readonly records?: unknown[];
  readonly affected?: number | null;
}

/** Entities are the same on both databases. Two types have different names: bytes, and generated keys. */
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

/** TypeORM's repositories and query builders. @param send runs their statements, and may queue, count or refuse them */
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
    // So that TypeORM never begins a transaction of its own.
    isTransactionActive: { value: true },
  }) as QueryRunner;
  return dataSource.createEntityManager(runner);
}

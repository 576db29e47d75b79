import { Injectable } from '@nestjs/common';
import { Database, insertInto, type Step } from '@latchkey/platform';
import sql from 'sql-template-tag';
import { DataKeyRepository, type WrappedDataKey } from './data-key-repository.js';

@Injectable()
export class SqlDataKeyRepository extends DataKeyRepository {
  constructor(private readonly database: Database) {
    super();
  }

  override *lockAndList(): Step<WrappedDataKey[]> {
    yield this.database.lock('data-keys');
    const rows = yield sql`SELECT kid, purpose, state, wrapped FROM data_keys ORDER BY created_at, kid`;
    return rows as unknown as WrappedDataKey[];
  }

  override *insert(key: WrappedDataKey): Step<void> {
    yield insertInto('data_keys', { ...key, created_at: this.database.now });
  }
}

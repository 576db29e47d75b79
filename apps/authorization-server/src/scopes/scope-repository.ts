import { Injectable } from '@nestjs/common';
import { Database, insertInto, type Step } from '@latchkey/platform';
import sql from 'sql-template-tag';

export interface Scope {
  readonly name: string;
  readonly description: string;
}

export abstract class ScopeRepository {
  /** Every scope; until the unit of work commits, none is added or deleted by another one. */
  abstract lockAndList(): Step<Scope[]>;
  abstract insert(scope: Scope): Step<void>;
  abstract describe(scope: Scope): Step<void>;
}

@Injectable()
export class SqlScopeRepository extends ScopeRepository {
  constructor(private readonly database: Database) {
    super();
  }

  override *lockAndList(): Step<Scope[]> {
    yield* this.database.lock('scopes');
    return (yield sql`SELECT name, description FROM scopes ORDER BY name`) as unknown as Scope[];
  }

  override *insert(scope: Scope): Step<void> {
    yield insertInto('scopes', { ...scope, created_at: this.database.now });
  }

  override *describe({ name, description }: Scope): Step<void> {
    yield sql`UPDATE scopes SET description = ${description} WHERE name = ${name}`;
  }
}

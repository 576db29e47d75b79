import { Injectable } from '@nestjs/common';
import { Database, type Step } from '@latchkey/platform';
import sql from 'sql-template-tag';

/** A `sub` or a `client_id` is taken already. */
export class SubjectTakenError extends Error {
  override readonly name = 'SubjectTakenError';
}

/**
 * Keeps resource owners and clients in one name space: a `sub` never equals a `client_id`, or the tokens of one could
 * pass for the other's (RFC 9068 section 5).
 */
@Injectable()
export class SubjectNames {
  constructor(private readonly database: Database) {}

  /** @throws SubjectTakenError */
  *claim(name: string): Step<void> {
    yield* this.database.lock('subjects');
    const taken = yield sql`SELECT 1 FROM users WHERE sub = ${name}
      UNION ALL SELECT 1 FROM clients WHERE client_id = ${name}`;
    if (taken.length > 0) throw new SubjectTakenError('The identifier is taken by a user or a client');
  }
}

import { Injectable } from '@nestjs/common';
import { Database, type Step } from '@latchkey/platform';
import sql from 'sql-template-tag';

/** A name is taken already. */
export class SubjectTakenError extends Error {
  override readonly name = 'SubjectTakenError';

  /** @param field the name, as the administration calls it */
  constructor(
    readonly field: 'sub' | 'client_id' | 'username',
    message: string,
  ) {
    super(message);
  }
}

/**
 * Keeps resource owners and clients in one name space: a `sub` never equals a `client_id`, or the tokens of one could
 * pass for the other's (RFC 9068 section 5).
 */
@Injectable()
export class SubjectNames {
  constructor(private readonly database: Database) {}

  /** @throws SubjectTakenError */
  claimClientId(clientId: string): Step<void> {
    return this.#claim('client_id', clientId);
  }

  /**
   * Administrators name a user either way, so that nobody may be named as another one is identified.
   *
   * @throws SubjectTakenError
   */
  *claimUser(sub: string, username: string): Step<void> {
    yield* this.#claim('sub', sub);
    const [namesake] = yield sql`SELECT 1 FROM users WHERE username = ${sub}`;
    if (namesake !== undefined) throw new SubjectTakenError('sub', 'The identifier is the name of a user');
    yield* this.#assertIdentifiesNobody(username);
  }

  /** For a user who exists. @throws SubjectTakenError */
  *claimUsername(username: string): Step<void> {
    yield* this.database.lock('subjects');
    const [namesake] = yield sql`SELECT 1 FROM users WHERE username = ${username}`;
    if (namesake !== undefined) throw new SubjectTakenError('username', 'The name is taken');
    yield* this.#assertIdentifiesNobody(username);
  }

  *#assertIdentifiesNobody(username: string): Step<void> {
    const [identified] = yield sql`SELECT 1 FROM users WHERE sub = ${username}`;
    if (identified !== undefined) throw new SubjectTakenError('username', 'The name identifies another user');
  }

  *#claim(field: 'sub' | 'client_id', name: string): Step<void> {
    yield* this.database.lock('subjects');
    const taken = yield sql`SELECT 1 FROM users WHERE sub = ${name}
      UNION ALL SELECT 1 FROM clients WHERE client_id = ${name}`;
    if (taken.length > 0) throw new SubjectTakenError(field, 'The identifier is taken by a user or a client');
  }
}

import { Injectable } from '@nestjs/common';
import type { Transaction } from '@latchkey/platform';
import sql from 'sql-template-tag';
import { SERVER_ACTORS } from '../audit/audit-event.js';
import { DeletedNames } from './deleted-names.js';

/** A name is taken already, or was, by somebody whose name nobody else may have. */
export class SubjectTakenError extends Error {
  override readonly name = 'SubjectTakenError';

  /** @param field the name, as the administration calls it */
  constructor(
    readonly field: 'sub' | 'client_id' | 'username',
    message: string,
    /** What is wrong with the field, for whoever asked for the name. */
    readonly problem = 'is taken',
  ) {
    super(message);
  }
}

/**
 * Keeps resource owners and clients in one name space: a `sub` never equals a `client_id`, or the tokens of one could
 * pass for the other's (RFC 9068 section 5). What APIs keep of somebody is kept by these names, so that nobody gets one of
 * somebody who was deleted.
 */
@Injectable()
export class SubjectNames {
  constructor(private readonly deletedNames: DeletedNames) {}

  /** A client that was deleted may come back, as nobody but the same client. @throws SubjectTakenError */
  claimClientId(tx: Transaction, clientId: string): Promise<void> {
    return this.#claim(tx, 'client_id', clientId);
  }

  /**
   * Administrators name a user either way, so that nobody may be named as another one is identified.
   *
   * @throws SubjectTakenError
   */
  async claimUser(tx: Transaction, sub: string, username: string): Promise<void> {
    await this.#claim(tx, 'sub', sub);
    if (await this.deletedNames.isDeleted(tx, 'client', sub)) throw formerly('sub');
    const [namesake] = await tx.query(sql`SELECT 1 FROM users WHERE username = ${sub}`);
    if (namesake !== undefined) throw new SubjectTakenError('sub', 'The identifier is the name of a user');
    await this.#assertIdentifiesNobody(tx, username);
  }

  /** For a user who exists. @throws SubjectTakenError */
  async claimUsername(tx: Transaction, username: string): Promise<void> {
    await tx.lock('subjects');
    const [namesake] = await tx.query(sql`SELECT 1 FROM users WHERE username = ${username}`);
    if (namesake !== undefined) throw new SubjectTakenError('username', 'The name is taken');
    await this.#assertIdentifiesNobody(tx, username);
  }

  async #assertIdentifiesNobody(tx: Transaction, username: string): Promise<void> {
    const [identified] = await tx.query(sql`SELECT 1 FROM users WHERE sub = ${username}`);
    if (identified !== undefined) throw new SubjectTakenError('username', 'The name identifies another user');
  }

  async #claim(tx: Transaction, field: 'sub' | 'client_id', name: string): Promise<void> {
    await tx.lock('subjects');
    const taken = await tx.query(sql`SELECT 1 FROM users WHERE sub = ${name}
      UNION ALL SELECT 1 FROM clients WHERE client_id = ${name}`);
    if (taken.length > 0) throw new SubjectTakenError(field, 'The identifier is taken by a user or a client');
    if (SERVER_ACTORS.some((actor) => actor === name)) {
      throw new SubjectTakenError(
        field,
        'The identifier is a part of the server in the audit log',
        'is a name of the server itself in the audit log',
      );
    }
    if (await this.deletedNames.isDeleted(tx, 'sub', name)) throw formerly(field);
  }
}

function formerly(field: 'sub' | 'client_id'): SubjectTakenError {
  return new SubjectTakenError(
    field,
    'The identifier belonged to a user or a client that was deleted',
    'belonged to a user or a client that was deleted, and is never given again',
  );
}

import { Injectable } from '@nestjs/common';
import type { Transaction } from '@latchkey/platform/database';
import sql, { join } from 'sql-template-tag';
import { SERVER_ACTORS } from '../audit/audit-event.js';

const IDENTIFIES = 'The name identifies another user';

/** A name is in use, or belonged to a deleted user or client and is never reused. */
export class SubjectTakenError extends Error {
  override readonly name = 'SubjectTakenError';

  /** @param field the name of the field in the administration API */
  constructor(
    readonly field: 'sub' | 'client_id' | 'username',
    message: string,
    /** What is wrong with the field, for the caller that asked for the name. */
    readonly problem = 'is taken',
  ) {
    super(message);
  }
}

/**
 * Keeps resource owners and clients in one name space: a `sub` never equals a `client_id`, because the tokens of one
 * could otherwise pass for those of the other (RFC 9068 section 5). APIs store data under these names, so the name of a
 * deleted user or client is never given to another one.
 */
@Injectable()
export class SubjectNames {
  /** A deleted client may be created again under its own name, but not as a user. @throws SubjectTakenError */
  async claimClientId(tx: Transaction, clientId: string): Promise<void> {
    const refusal = this.#refusal('client_id', clientId, await this.#find(tx, [clientId], [clientId]));
    if (refusal !== null) throw refusal;
  }

  /**
   * A user name must not equal the `sub` of another user, because administrators name a user by either.
   *
   * @param users at least one, without duplicate names
   * @returns why some cannot be created, by their `sub`
   */
  async claimUsers(
    tx: Transaction,
    users: readonly { sub: string; username: string }[],
  ): Promise<ReadonlyMap<string, SubjectTakenError>> {
    const found = await this.#find(
      tx,
      users.map(({ sub }) => sub),
      users.map(({ username }) => username),
    );
    const refusals = new Map<string, SubjectTakenError>();
    for (const { sub, username } of users) {
      const refusal = this.#refusal('sub', sub, found) ?? refusalOfUser(sub, username, found);
      if (refusal !== null) refusals.set(sub, refusal);
    }
    return refusals;
  }

  /** For an existing user. @throws SubjectTakenError */
  async claimUsername(tx: Transaction, username: string): Promise<void> {
    await tx.lock('subjects');
    const [namesake] = await tx.query(sql`SELECT 1 FROM users WHERE username = ${username}`);
    if (namesake !== undefined) throw new SubjectTakenError('username', 'The name is taken');
    const [identified] = await tx.query(sql`SELECT 1 FROM users WHERE sub = ${username}`);
    if (identified !== undefined) throw new SubjectTakenError('username', IDENTIFIES);
  }

  /** The names that exist, each with its kind. One statement, because lists of users are long. */
  async #find(
    tx: Transaction,
    names: readonly string[],
    usernames: readonly string[],
  ): Promise<ReadonlySet<string>> {
    await tx.lock('subjects');
    const rows = await tx.query<{ kind: string; name: string }>(sql`
      SELECT 'taken' AS kind, sub AS name FROM users WHERE sub IN (${join(names)})
      UNION ALL SELECT 'taken', client_id FROM clients WHERE client_id IN (${join(names)})
      UNION ALL SELECT kind, name FROM deleted_names WHERE kind IN ('sub', 'client') AND name IN (${join(names)})
      UNION ALL SELECT 'namesake', username FROM users WHERE username IN (${join(names)})
      UNION ALL SELECT 'identified', sub FROM users WHERE sub IN (${join(usernames)})`);
    return new Set(rows.map(({ kind, name }) => `${kind} ${name}`));
  }

  #refusal(field: 'sub' | 'client_id', name: string, found: ReadonlySet<string>): SubjectTakenError | null {
    if (found.has(`taken ${name}`)) {
      return new SubjectTakenError(field, 'The identifier is taken by a user or a client');
    }
    if (SERVER_ACTORS.some((actor) => actor === name)) {
      return new SubjectTakenError(
        field,
        'The identifier is a part of the server in the audit log',
        'is a name of the server itself in the audit log',
      );
    }
    if (found.has(`sub ${name}`)) return formerly(field);
    return null;
  }
}

function refusalOfUser(sub: string, username: string, found: ReadonlySet<string>): SubjectTakenError | null {
  if (found.has(`client ${sub}`)) return formerly('sub');
  if (found.has(`namesake ${sub}`)) {
    return new SubjectTakenError('sub', 'The identifier is the name of a user');
  }
  return found.has(`identified ${username}`) ? new SubjectTakenError('username', IDENTIFIES) : null;
}

function formerly(field: 'sub' | 'client_id'): SubjectTakenError {
  return new SubjectTakenError(
    field,
    'The identifier belonged to a user or a client that was deleted',
    'belonged to a user or a client that was deleted, and is never given again',
  );
}

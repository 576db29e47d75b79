import { Injectable } from '@nestjs/common';
import { Database, newId, type Reader, type Transaction } from '@latchkey/platform/database';
import type { FieldProblem } from '../clients/client-registration-rules.js';
import { SecondFactorsService } from '../second-factors/second-factors.service.js';
import { parseTotpSecret, TOTP_SECRET_RULE } from '../second-factors/totp.js';
import { ScopesService } from '../scopes/scopes.service.js';
import type { NewUser } from '../users/user.js';
import { fromWire } from '../fields/field.js';
import { USER_FIELDS } from '../users/user-fields.js';
import { batchesOf } from '../users/user-batches.js';
import { UserRepository } from '../users/user-repository.js';
import type { StoredUser } from '../users/user.js';
import { canonicalUsername, USERNAME_RULE } from '../users/username.js';
import { UsersService } from '../users/users.service.js';
import type { Administrator } from './administrator.js';
import { Problem } from './problem.js';
import { GivenPasswords } from './given-passwords.service.js';
import type { NewUserRequest } from './user.messages.js';

interface PreparedUser extends NewUser {
  /** Where the user is in the request, for the names of wrong fields. */
  readonly place: string;
  /** `null`: the user is created without a second factor. */
  readonly totpSecret: Buffer | null;
}

/** Creates one or many users: all users of a request or none. */
@Injectable()
export class AdminUserCreationService {
  constructor(
    private readonly database: Database,
    private readonly repository: UserRepository,
    private readonly users: UsersService,
    private readonly scopes: ScopesService,
    private readonly passwords: GivenPasswords,
    private readonly factors: SecondFactorsService,
  ) {}

  /**
   * @param place where the user is in the request, for the names of wrong fields
   * @param skipExisting leave users alone whose name already exists
   * @throws Problem naming everything that is wrong
   * @throws HashQueueFullError
   */
  async create(
    requests: readonly NewUserRequest[],
    place: (index: number) => string,
    administrator: Administrator,
    skipExisting = false,
  ): Promise<StoredUser[]> {
    const problems: FieldProblem[] = [];
    const usernames = requests.map(({ username }) => canonicalUsername(username));
    for (const [index, request] of requests.entries()) {
      const username = usernames[index] ?? null;
      const found = await this.passwords.problemsOf(request, username);
      if (username === null) found.push({ field: 'username', problem: USERNAME_RULE });
      if (request.totp_secret !== undefined && parseTotpSecret(request.totp_secret) === null)
        found.push({ field: 'totp_secret', problem: TOTP_SECRET_RULE });
      problems.push(...found.map(({ field, problem }) => ({ field: place(index) + field, problem })));
    }
    if (problems.length > 0) throw Problem.invalid(problems);
    // Passwords of skipped users need not be hashed.
    const skipped = skipExisting
      ? await this.#existing(this.database.reader('administration'), usernames)
      : new Set();
    const prepared: PreparedUser[] = [];
    for (const [index, request] of requests.entries()) {
      if (!skipped.has(usernames[index]))
        prepared.push(await this.#prepare(request, place(index), administrator));
    }
    return this.database.transaction(
      (tx) => this.#create(tx, prepared, administrator, skipExisting),
      'administration',
    );
  }

  async #existing(reader: Reader, usernames: readonly (string | null)[]): Promise<ReadonlySet<unknown>> {
    const names = usernames.filter((username) => username !== null);
    return new Set((await this.repository.loadByUsernames(reader, names)).keys());
  }

  async #prepare(
    request: NewUserRequest,
    place: string,
    administrator: Administrator,
  ): Promise<PreparedUser> {
    const { sub = newId(), enabled = true } = request;
    return {
      sub,
      username: canonicalUsername(request.username) ?? '',
      passwordHash: await this.passwords.hashOf(request, administrator),
      passwordChangeRequired: request.password_change_required ?? false,
      ...fromWire(USER_FIELDS, request),
      disabledBy: enabled ? null : 'administrator',
      totpSecret: parseTotpSecret(request.totp_secret ?? ''),
      place,
    };
  }

  async #create(
    tx: Transaction,
    users: readonly PreparedUser[],
    { context }: Administrator,
    skipExisting: boolean,
  ): Promise<StoredUser[]> {
    // One creation at a time: a name that is free at the check is still free when it is taken.
    await tx.lock('subjects');
    const scopes = new Set(await this.scopes.listNames(tx));
    const unknown = users.flatMap(({ allowedScope, place }) =>
      [...(allowedScope ?? [])]
        .filter((name) => !scopes.has(name))
        .map((name) => ({ field: `${place}allowed_scope`, problem: `there is no scope ${name}` })),
    );
    if (unknown.length > 0) throw Problem.invalid(unknown);
    const created: StoredUser[] = [];
    const taken: FieldProblem[] = [];
    for (const batch of batchesOf(users, ({ sub, username }) => [...new Set([sub, username])])) {
      const existing = await this.repository.loadByUsernames(tx, batch.map(usernameOf));
      const fresh = batch.filter(({ username }) => !existing.has(username));
      const refused = await this.users.create(tx, fresh, context);
      for (const { place, sub, username } of batch) {
        const refusal = refused.get(sub);
        if (refusal !== undefined) taken.push({ field: place + refusal.field, problem: refusal.problem });
        else if (existing.has(username) && !skipExisting) {
          taken.push({ field: `${place}username`, problem: 'is taken' });
        }
      }
      const secrets = fresh.flatMap(({ username, totpSecret }) =>
        totpSecret === null ? [] : [[username, totpSecret] as const],
      );
      await this.factors.importTotp(tx, new Map(secrets), context);
      const stored = await this.repository.loadByUsernames(tx, batch.map(usernameOf));
      created.push(...fresh.flatMap(({ username }) => stored.get(username) ?? []));
    }
    // Rolls the transaction back, and with it the users that were created so far.
    if (taken.length > 0) throw Problem.conflicts(taken);
    return created;
  }
}

const usernameOf = ({ username }: NewUser): string => username;

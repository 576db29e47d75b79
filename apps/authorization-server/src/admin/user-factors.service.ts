import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@latchkey/platform/database';
import { TooManySecondFactorsError } from '../second-factors/second-factor-repository.js';
import {
  SecondFactorsService,
  type SecondFactors,
  type ShownTotp,
} from '../second-factors/second-factors.service.js';
import { UserListRepository } from '../users/user-list-repository.js';
import { UserRepository } from '../users/user-repository.js';
import type { User } from '../users/user.js';
import { UnknownUserError } from '../users/users.service.js';
import type { Administrator } from './administrator.js';
import { Problem } from './problem.js';

/** Operations of administrators on the second factors of one user. */
@Injectable()
export class AdminUserFactorsService {
  constructor(
    private readonly database: Database,
    private readonly repository: UserRepository,
    private readonly listRepository: UserListRepository,
    private readonly factors: SecondFactorsService,
  ) {}

  /** @throws UnknownUserError */
  async list(sub: string): Promise<SecondFactors> {
    const { key } = await this.#find(sub);
    return this.factors.list(this.database.reader('administration'), key);
  }

  /** @throws UnknownUserError; Problem when the user has too many */
  async enrolTotp(sub: string): Promise<ShownTotp> {
    try {
      return await this.factors.enrolTotp(await this.#find(sub));
    } catch (error) {
      if (!(error instanceof TooManySecondFactorsError)) throw error;
      throw new Problem(409, 'conflict', 'There are too many second factors; remove one first');
    }
  }

  /** @throws UnknownUserError; Problem when no factor is waiting for a code, or the code is wrong */
  async confirm(sub: string, id: string, code: string, { context }: Administrator): Promise<void> {
    await this.#do(sub, async (tx, user) => {
      const { factors } = await this.factors.list(tx, user.key);
      if (!factors.some((factor) => factor.id === id && factor.confirmedAt === null)) {
        throw Problem.notFound('second factor that waits for a code');
      }
      if (await this.factors.confirmTotp(tx, user, id, code, context)) return;
      throw Problem.invalid([{ field: 'code', problem: 'is wrong' }]);
    });
  }

  /** Ends all sessions, because a thief of the factor may have logged in with it. @throws UnknownUserError, Problem */
  async remove(sub: string, id: string, { context }: Administrator): Promise<void> {
    await this.#do(sub, async (tx, user) => {
      if (!(await this.factors.remove(tx, user, id, context))) throw Problem.notFound('second factor');
      await this.repository.raiseEpoch(tx, user.key);
    });
  }

  async #find(sub: string): Promise<User> {
    const stored = await this.listRepository.find(sub);
    if (stored === null) throw unknownUser(sub);
    return stored.user;
  }

  async #do(sub: string, act: (tx: Transaction, user: User) => Promise<void>): Promise<void> {
    await this.database.transaction(async (tx) => {
      const stored = await this.repository.loadBySub(tx, sub);
      if (stored === null) throw unknownUser(sub);
      await act(tx, stored.user);
    }, 'administration');
  }
}

function unknownUser(sub: string): UnknownUserError {
  return new UnknownUserError(`There is no user ${sub}`);
}

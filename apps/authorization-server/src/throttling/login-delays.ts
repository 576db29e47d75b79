import type { Transaction } from '@latchkey/platform/database';
import type { ThrottleSettings } from '../config/authorization-server-config.js';
import type { SourceBudgets } from './source-budgets.js';
import { THROTTLED_FACTORS, type ThrottledFactor, type ThrottleKeys } from './throttle-keys.js';
import type { Delay, ThrottleRepository } from './throttle-repository.js';
import { delaysOf, delaysWithoutAddress } from './throttle-settings.js';

/** A delay for the attempts of all these sources at an account. */
export interface AccountDelay extends Delay {
  readonly sources: 'unknown_addresses' | 'without_address';
  /** What is delayed; `null`: the password. */
  readonly factor: ThrottledFactor | null;
}

/** What administrators see and end of the delays that `LoginThrottle` imposes. */
export class LoginDelays {
  constructor(
    private readonly repository: ThrottleRepository,
    private readonly budgets: SourceBudgets,
    private readonly keys: ThrottleKeys,
    private readonly settings: ThrottleSettings,
  ) {}

  /**
   * The current delays of an account, for passwords and for each second factor. Known sources are left out, because the
   * stored buckets do not show which account they belong to.
   *
   * @param name canonical
   */
  async of(name: string): Promise<AccountDelay[]> {
    const find = async (sources: AccountDelay['sources'], delays: readonly number[]) => {
      const buckets = this.#accounts(name).map(({ account, factor }) => {
        return { factor, key: this.keys.shared(account, sources === 'unknown_addresses') };
      });
      const found = await this.repository.findDelays(
        buckets.map(({ key }) => key),
        delays,
      );
      return buckets.flatMap(({ factor, key }) => {
        const delay = found.get(key.toString('hex'));
        return delay === undefined ? [] : [{ ...delay, sources, factor }];
      });
    };
    const found = [
      find('unknown_addresses', delaysOf(this.settings)),
      find('without_address', delaysWithoutAddress(this.settings)),
    ];
    return (await Promise.all(found)).flat();
  }

  /**
   * Resets the failed attempts at an account, with passwords and second factors: those from unknown sources, and those
   * from `address`, whose budget of accounts is restored too.
   *
   * @param name canonical
   */
  async forget(tx: Transaction, name: string, address: string | null): Promise<void> {
    const buckets = this.#accounts(name).flatMap(({ account }) => [
      this.keys.shared(account, true),
      this.keys.shared(account, false),
      ...(address === null ? [] : [this.keys.source(account, address)]),
    ]);
    await tx.run(this.repository.forget(buckets));
    if (address !== null) await tx.run(this.budgets.forget(this.keys.budget(address)));
  }

  /** Each counts its failures separately. */
  #accounts(name: string): { account: Buffer; factor: ThrottledFactor | null }[] {
    const login = this.keys.account(name);
    const ofFactors = THROTTLED_FACTORS.map((factor) => {
      return { account: this.keys.factor(login, factor), factor };
    });
    return [{ account: login, factor: null }, ...ofFactors];
  }
}

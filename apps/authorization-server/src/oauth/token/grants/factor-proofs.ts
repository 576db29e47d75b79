import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@latchkey/platform/database';
import type { AuditContext } from '../../../audit/audit-event.js';
import {
  WaitingLoginRepository,
  type FoundWaitingLogin,
} from '../../../waiting-logins/waiting-login-repository.js';
import { EmailFactorsService } from '../../../second-factors/email-factors.service.js';
import { PasskeysService } from '../../../second-factors/passkeys.service.js';
import { RecoveryCodesService } from '../../../second-factors/recovery-codes.service.js';
import { SecondFactorsService } from '../../../second-factors/second-factors.service.js';
import type { Acr } from '../../../tokens/authentication-context.js';
import type { User } from '../../../users/user.js';
import {
  amrOf,
  AMR_OF_CODES,
  challengesOf,
  satisfies,
  WrongProofError,
  type Challenge,
  type Factor,
} from './second-factor.js';

/** A second factor that was presented. Reusable checks are done; one-time checks follow in `spend`. */
export interface Proof {
  /** RFC 8176. */
  readonly amr: readonly string[];
  /** Call it in the transaction that stores the login. @param sid of the login @throws WrongProofError */
  readonly spend: (tx: Transaction, sid: string) => Promise<void>;
}

/** Lists the second factors that a user can present, and verifies them. */
@Injectable()
export class FactorProofs {
  constructor(
    private readonly database: Database,
    private readonly attempts: WaitingLoginRepository,
    private readonly factors: SecondFactorsService,
    private readonly passkeys: PasskeysService,
    private readonly emails: EmailFactorsService,
    private readonly recoveryCodes: RecoveryCodesService,
  ) {}

  /** The factors that the user can present. @param acr what the login has to satisfy; `null`: any second factor */
  async challenges({ key }: User, acr: Acr | null): Promise<Challenge[]> {
    const isOn = { passkey: this.passkeys.isOn, email: this.emails.isOn };
    const all = challengesOf(await this.factors.list(this.database, key), isOn);
    return all.filter(({ type }) => satisfies(type, acr));
  }

  /** @param texts the parameters of the factor as the client sent them, not validated @throws WrongProofError */
  async check(
    factor: Factor,
    [text = '', code = '']: readonly string[],
    user: User,
    found: FoundWaitingLogin,
    audit: AuditContext,
  ): Promise<Proof> {
    switch (factor) {
      case 'otp':
        return this.code((tx) => this.factors.spendOrConfirmTotp(tx, user, text, audit));
      case 'recovery-code':
        return this.code((tx) => this.recoveryCodes.spend(tx, user, text, audit));
      case 'email':
        return this.code((tx) => this.emails.spend(tx, user, found.attempt.id, text, code));
      case 'passkey':
        return this.#passkey(text, user, found);
    }
  }

  /** @param spend returns false when the code is wrong or was used before */
  code(spend: (tx: Transaction) => Promise<boolean>): Proof {
    return {
      amr: AMR_OF_CODES,
      spend: async (tx) => {
        if (!(await spend(tx))) throw new WrongProofError('wrong code');
      },
    };
  }

  async #passkey(text: string, user: User, { attempt, now }: FoundWaitingLogin): Promise<Proof> {
    const { challenge, challengeExpiresAt } = attempt;
    const isOpen = challengeExpiresAt !== null && challengeExpiresAt > now;
    const asserted =
      challenge !== null && isOpen ? await this.passkeys.verify(user, challenge, parseJson(text)) : null;
    if (asserted === null) {
      if (challenge !== null) await this.attempts.dropChallenge(attempt.id, challenge);
      throw new WrongProofError('passkey refused');
    }
    return {
      amr: amrOf(asserted.passkey),
      spend: async (tx) => {
        const outcome = await this.passkeys.spend(tx, asserted);
        if (outcome !== 'spent') throw new WrongProofError(outcome);
      },
    };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

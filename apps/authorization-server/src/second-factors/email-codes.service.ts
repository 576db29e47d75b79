import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@latchkey/platform/database';
import type { AuditContext, AuditEvent } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import { FailureCounts } from '../audit/failure-counts.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import type { Message } from '../messages/message.js';
import { MessageSender } from '../messages/message-sender.js';
import {
  SendingBudgets,
  SendingBudgetSpentError,
  type SendingBudget,
} from '../throttling/sending-budgets.js';
import type { User } from '../users/user.js';
import { codeMessage, isEmailCode, newEmailCode } from './email-code.js';
import { EmailCodeRepository } from './email-code-repository.js';

/** Separates keyed hashes of these codes from others. */
const EMAIL_CODE = 'e-mail code';

/** Maximum number of codes for one account, or one unproven address, at a time; refilled evenly within half an hour. */
export const EMAIL_CODES_AT_A_TIME = 5;

interface CodeRequest {
  readonly kind: Message['kind'];
  /** The login attempt or the new factor that the code is for. */
  readonly id: string;
  readonly factorId: string;
  readonly address: string;
  /** The handle that has to be presented with the code; may be empty. */
  readonly handle: string;
  readonly user: User;
  readonly clientId: string;
  readonly context: AuditContext;
  /** Budgets in addition to that of the client. */
  readonly budgets: readonly SendingBudget[];
  /** Stores further data in the same transaction as the code. */
  readonly store?: (tx: Transaction) => Promise<void>;
}

/** Creates codes, sends them by e-mail and verifies them. Each request is counted before its message is sent. */
@Injectable()
export class EmailCodesService {
  constructor(
    private readonly database: Database,
    private readonly repository: EmailCodeRepository,
    private readonly budgets: SendingBudgets,
    private readonly sender: MessageSender,
    private readonly keys: DataKeysService,
    private readonly audit: AuditLog,
    private readonly failures: FailureCounts,
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
  ) {}

  /** Whether codes can be sent. */
  get isOn(): boolean {
    return this.sender.isOn;
  }

  /**
   * Sends a code, and replaces an earlier one for the same purpose.
   *
   * @throws SendingBudgetSpentError, MessageNotSentError
   */
  async send(request: CodeRequest): Promise<void> {
    const { kind, id, factorId, address, handle } = request;
    const code = newEmailCode();
    const event = eventOf(request);
    try {
      await this.database.transaction(async (tx) => {
        await request.store?.(tx);
        await this.budgets.take(tx, this.#budgetsOf(request));
        await this.repository.put(tx, id, factorId, this.#digest(id, handle, code));
        await this.audit.record(tx, { ...event, outcome: 'success' });
      });
    } catch (error) {
      if (error instanceof SendingBudgetSpentError) {
        const detail = { reason: `too many for the ${error.kind}` };
        await this.failures.count({ ...event, outcome: 'failure', detail }, null);
      }
      throw error;
    }
    await this.sender.send(codeMessage(kind, address, code, new URL(this.config.issuer).host));
  }

  /**
   * @param id the purpose of the code
   * @returns false when it is wrong, expired or spent
   */
  async spend(tx: Transaction, user: User, id: string, handle: string, code: string): Promise<boolean> {
    if (!isEmailCode(code)) return false;
    return this.repository.spend(tx, id, user.key, this.#digest(id, handle, code));
  }

  #budgetsOf({ clientId, budgets }: CodeRequest): SendingBudget[] {
    return [...budgets, { kind: 'client', name: clientId, size: this.config.messages.codesPerClient }];
  }

  #digest(id: string, handle: string, code: string): Buffer {
    return Buffer.from(this.keys.digest(EMAIL_CODE, `${id} ${handle} ${code}`), 'base64url');
  }
}

function eventOf({ user, clientId, context }: CodeRequest): Omit<AuditEvent, 'outcome'> {
  return { ...context, kind: 'email_code_requested', clientId, subject: user.sub };
}

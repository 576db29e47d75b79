import { MessageNotSentError } from '../../messages/message-sender.js';
import { SendingBudgetSpentError } from '../../throttling/sending-budgets.js';
import { OAuthError } from './oauth-error.js';

/** @returns the refusal for a code that was not sent; any other error unchanged */
export function codeRefusal(error: unknown): unknown {
  if (error instanceof SendingBudgetSpentError) {
    return OAuthError.tooManyCodes(`the sending budget of the ${error.kind} is spent`, error.retryAfter);
  }
  return error instanceof MessageNotSentError ? OAuthError.codeNotSent(error.outcome) : error;
}

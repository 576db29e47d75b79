import { RequestSchemas, TEXT } from '@latchkey/platform/openapi';

/** A scope name (RFC 6749 section 3.3). */
const SCOPE_NAME = '[\\x21\\x23-\\x5B\\x5D-\\x7E]+';

/** What the rules of our own say, for whoever writes a request. Unknown members are refused everywhere. */
export const requests = new RequestSchemas(true, {
  isVschar: () => ({ type: 'string', pattern: '^[\\x20-\\x7E]*$' }),
  isScopeName: () => ({ type: 'string', pattern: `^${SCOPE_NAME}$` }),
  isScope: () => ({ type: 'string', description: 'Scope names separated by single spaces' }),
  isScopeOrNone: () => ({
    type: 'string',
    description: 'Scope names separated by single spaces; empty for none',
  }),
  isAudience: () => ({ type: 'string', description: 'An absolute URI without a fragment' }),
  isCalendarDate: () => ({ type: 'string', format: 'date' }),
  isTimestamp: () => ({ type: 'string', format: 'date-time' }),
  isClientSecretHash: () => ({ type: 'string', pattern: '^\\$sha256\\$[A-Za-z0-9_-]{43}$' }),
});

export const scopeSchema = { ...TEXT, description: 'Scope names separated by single spaces' };

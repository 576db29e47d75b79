import { memoized } from '../caching/memoized.js';

const SECRET_KEY =
  /^(.*password.*|.*secret.*|.*token|authorization|proxy-authorization|cookie|set-cookie|assertion|master_?key|parameters|query)$/i;
const MAX_DEPTH = 6;

/** Most keys come from code, and repeat. Keys from input are cached only up to this number. */
const MAX_KEYS = 500;

/** Cached, because the expression tries every alternative at every position, which takes a microsecond per field. */
const isSecretKey = memoized(MAX_KEYS, (key) => SECRET_KEY.test(key));

interface LoggedError {
  type: string;
  message: string;
  stack?: string;
  code?: string;
  cause?: unknown;
}

/**
 * The serializer for everything that is logged: values of keys that name a secret are replaced, and errors keep type,
 * message, code, stack and cause only. Database drivers attach the statement, its parameters and the conflicting values
 * to their errors, which contain hashes and user names.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string' || typeof value === 'number') return value;
  try {
    return redactValue(value, depth);
  } catch {
    // A getter or a proxy failed. Logging must not make a request fail.
    return '[unreadable]';
  }
}

function redactValue(value: unknown, depth: number): unknown {
  // A function named toJSON would replace the redacted output.
  if (typeof value === 'function') return '[function]';
  if (value instanceof Error) return redactError(value, depth);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[too deep]';
  if (ArrayBuffer.isView(value)) return '[binary]';
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return redactFields(value as Record<string, unknown>, depth);
}

/** A loop, because it runs for each request: lists of entries would take longer than the rest of this function. */
function redactFields(fields: Record<string, unknown>, depth: number): Record<string, unknown> {
  const redacted: Record<string, unknown> = {};
  for (const key of Object.keys(fields)) {
    // An assignment would set the prototype and not a field.
    if (key === '__proto__') continue;
    redacted[key] = isSecretKey(key) ? '[redacted]' : redact(fields[key], depth + 1);
  }
  return redacted;
}

function redactError(error: Error, depth: number): LoggedError {
  const code: unknown = (error as { code?: unknown }).code;
  return {
    type: error.name,
    message: error.message,
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(typeof code === 'string' && { code }),
    ...(error.cause !== undefined && depth < MAX_DEPTH && { cause: redact(error.cause, depth + 1) }),
  };
}

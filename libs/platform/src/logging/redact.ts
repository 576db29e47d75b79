import { memoized } from '../caching/memoized.js';

const SECRET_KEY =
  /^(.*password.*|.*secret.*|.*token|authorization|proxy-authorization|cookie|set-cookie|assertion|master_?key|parameters|query)$/i;
const MAX_DEPTH = 6;

/** Keys come from code, and the same ones again and again; what input names is not remembered beyond this many. */
const MAX_KEYS = 500;

/** Remembered, because the expression tries every alternative at every place: a microsecond for each field of a line. */
const isSecretKey = memoized(MAX_KEYS, (key) => SECRET_KEY.test(key));

interface LoggedError {
  type: string;
  message: string;
  stack?: string;
  code?: string;
  cause?: unknown;
}

/**
 * The one serializer that everything logged goes through: values under a key that names a secret are replaced, and
 * errors keep type, message, code, stack and cause only. Database drivers hang the statement, its parameters and the
 * conflicting values on their errors, and those hold hashes and user names.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string' || typeof value === 'number') return value;
  try {
    return redactValue(value, depth);
  } catch {
    // A getter or a proxy failed. Logging must not be what fails a request.
    return '[unreadable]';
  }
}

function redactValue(value: unknown, depth: number): unknown {
  // A function called toJSON would have the last word on what is written.
  if (typeof value === 'function') return '[function]';
  if (value instanceof Error) return redactError(value, depth);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[too deep]';
  if (ArrayBuffer.isView(value)) return '[binary]';
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return redactFields(value as Record<string, unknown>, depth);
}

/** A loop, because each request writes a line: lists of entries would cost more than all the rest of this. */
function redactFields(fields: Record<string, unknown>, depth: number): Record<string, unknown> {
  const redacted: Record<string, unknown> = {};
  for (const key of Object.keys(fields)) {
    // Assigned, it would be no field but a prototype.
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

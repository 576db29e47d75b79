import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createLogger } from './create-logger.js';
import { redact } from './redact.js';

/** Found wherever it survives, however it was escaped on the way. */
const SECRET = 'Zq7XsecretvalueXq7Z';

const secretKey = fc.constantFrom(
  ...['password', 'newPassword', 'password_hash', 'client_secret', 'secrets', 'access_token', 'refreshToken'],
  ...['token', 'Authorization', 'proxy-authorization', 'cookie', 'Set-Cookie', 'master_key', 'MASTERKEY'],
  ...['parameters', 'query', 'assertion'],
);
const harmlessKey = fc.oneof(
  fc.constantFrom('headers', 'body', 'cause', 'err', 'name', '__proto__', 'toJSON', 'constructor', 'length'),
  fc.string({ maxLength: 5 }),
);

/** Any shape in which a value may hang under the name of a secret. */
const secretValue = fc.constantFrom<unknown>(
  SECRET,
  [SECRET],
  { value: SECRET },
  new Map([['value', SECRET]]),
  Buffer.from(SECRET),
  new Error(SECRET),
  { toJSON: () => SECRET },
);

function withKeys(keys: readonly (readonly [string, unknown])[]): object {
  return Object.fromEntries(keys);
}

function failingWith(cause: unknown, fields: object): Error {
  return Object.assign(new Error('failed', { cause }), fields);
}

/** Objects, arrays and errors around a secret, to any depth. */
const { holder } = fc.letrec<{ holder: object }>((tie) => ({
  holder: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.tuple(secretKey, secretValue).map((entry) => withKeys([entry])),
    fc.tuple(harmlessKey, tie('holder'), fc.jsonValue()).map(([key, inner, beside]) =>
      withKeys([
        ['beside', beside],
        [key, inner],
      ]),
    ),
    tie('holder').map((inner) => [inner]),
    tie('holder').map((inner) => failingWith(inner, {})),
    // What a database driver hangs on its errors.
    tie('holder').map((inner) => failingWith(undefined, { detail: SECRET, params: [SECRET], inner })),
    tie('holder').map((inner) => new AggregateError([inner], 'failed')),
    tie('holder').map((inner) => new Map([[inner, inner]])),
  ),
}));

/** Makes things that are no plain data; made late, because some of them cannot even be shown in a report. */
const exotic = fc.oneof(
  fc
    .anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true })
    .map((value) => () => value),
  fc.constantFrom<() => unknown>(
    () => Proxy.revocable({}, {}),
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
    () => Object.create(null) as unknown,
    () => Object.defineProperty({}, 'getter', { enumerable: true, get: fail }),
    () => Object.defineProperty(new Error('failed'), 'message', { get: fail }),
    () => Object.defineProperty(new Error('failed'), 'stack', { get: fail }),
    () => Object.defineProperty(new Error('failed'), 'cause', { value: 1n }),
    () => new Proxy({}, { ownKeys: fail, get: fail, getPrototypeOf: fail }),
    () => new Proxy([], { get: fail }),
    () => Object.assign(new Error('failed'), { name: { toString: fail }, code: Symbol('code') }),
    () => ({ toJSON: fail, [Symbol.toPrimitive]: fail, then: fail }),
    () => globalThis,
    () => Symbol('s'),
    () => fail,
    () => 1n,
  ),
);

function fail(): never {
  throw new Error(SECRET);
}

/** What the logger writes for these fields. */
function logged(fields: unknown): string {
  const lines: string[] = [];
  const logger = createLogger('test', 'info', { write: (line) => lines.push(line) });
  logger.info({ fields }, 'one');
  logger.info({ err: fields }, 'two');
  if (typeof fields === 'object' && fields !== null) logger.info(fields, 'three');
  return lines.join('');
}

describe('redact, for any value', () => {
  it('lets no value through that hangs under the name of a secret, at any depth', () => {
    fc.assert(
      fc.property(holder, (value) => {
        expect(JSON.stringify(redact(value)) ?? '').not.toContain(SECRET);
        expect(JSON.stringify(redact(value)) ?? '').not.toContain(Buffer.from(SECRET).join(','));
        expect(logged(value)).not.toContain(SECRET);
      }),
      { numRuns: 250 },
    );
  });

  it('says no bytes, of whatever kind', () => {
    const bytes = Buffer.from(SECRET);
    fc.assert(
      fc.property(
        fc.constantFrom(
          bytes,
          new Uint8Array(bytes),
          new Uint8ClampedArray(bytes),
          new DataView(bytes.buffer),
        ),
        (value) => {
          expect(JSON.stringify(redact({ value }))).not.toContain(String(bytes[0]));
        },
      ),
    );
  });

  it('never throws, whatever it is given, and keeps what broke to itself', () => {
    fc.assert(
      fc.property(exotic, (create) => {
        const value = create();
        expect(() => redact(value)).not.toThrow();
        expect(() => redact({ deep: [value, failingWith(value, {})] })).not.toThrow();
        expect(JSON.stringify(logged({ value }))).not.toContain(SECRET);
      }),
      { numRuns: 250 },
    );
  });

  it('comes to an end on what contains itself', () => {
    fc.assert(
      fc.property(fc.array(harmlessKey, { minLength: 1, maxLength: 3 }), (keys) => {
        const error = new Error('failed');
        const cyclic: Record<string, unknown> = { password: SECRET, list: [], error };
        for (const key of keys) Object.defineProperty(cyclic, key, { value: cyclic, enumerable: true });
        (cyclic.list as unknown[]).push(cyclic);
        error.cause = cyclic;
        expect(JSON.stringify(redact(cyclic))).not.toContain(SECRET);
        expect(logged(cyclic)).not.toContain(SECRET);
      }),
      { numRuns: 10 },
    );
  });

  it('changes nothing that holds no secret', () => {
    const plain = fc.dictionary(
      fc.constantFrom('a', 'b', 'name'),
      fc.oneof(fc.string(), fc.double(), fc.boolean()),
    );
    fc.assert(
      fc.property(fc.array(plain, { maxLength: 4 }), (value) => {
        expect(redact(value)).toEqual(value);
      }),
    );
  });

  it('does not change what it is given', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const before = JSON.stringify(value);
        redact({ password: SECRET, value });
        expect(JSON.stringify(value)).toBe(before);
      }),
    );
  });
});

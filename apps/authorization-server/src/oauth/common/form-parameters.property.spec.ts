import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FormParameters } from './form-parameters.js';
import { OAuthError } from './oauth-error.js';

/** Any text that UTF-8 can carry. */
const text = fc.string({ unit: 'binary', maxLength: 20 });
const parameterName = fc.oneof(text, fc.constantFrom('grant_type', 'scope', '__proto__', 'constructor'));

/** Form-encodes every byte, also those that need no escape. */
const escapeAll = (value: string) =>
  [...Buffer.from(value)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

type Pair = [string, string];

const parse = (body: string) => FormParameters.parse(Buffer.from(body));

function expectInvalidRequest(body: string | Uint8Array): void {
  let failure: unknown;
  try {
    FormParameters.parse(Buffer.from(body as string));
  } catch (error) {
    failure = error;
  }
  expect(failure).toBeInstanceOf(OAuthError);
  expect(failure).toMatchObject({ code: 'invalid_request', status: 400 });
}

describe('FormParameters, for any form', () => {
  it('reads what another encoder wrote', () => {
    const pairs = fc.uniqueArray(fc.tuple(parameterName, text), { selector: ([key]) => key, maxLength: 8 });
    fc.assert(
      fc.property(pairs, (expected) => {
        const form = parse(new URLSearchParams(expected).toString());
        for (const [key, value] of expected) {
          expect(form.get(key)).toBe(value === '' ? null : value);
          expect(form.getAll(key)).toEqual(value === '' ? [] : [value]);
        }
      }),
    );
  });

  it('reads escapes of characters that need none', () => {
    fc.assert(
      fc.property(parameterName, text, (key, value) => {
        fc.pre(key !== '' || value !== '');
        expect(parse(`${escapeAll(key)}=${escapeAll(value)}`).get(key)).toBe(value === '' ? null : value);
      }),
    );
  });

  it('keeps all values of resource, in their order', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), (values) => {
        const body = new URLSearchParams(values.map((value): Pair => ['resource', value])).toString();
        expect(parse(body).getAll('resource')).toEqual(values.filter((value) => value !== ''));
      }),
    );
  });

  it('refuses every other repeated name, whatever its values and however it is written', () => {
    fc.assert(
      fc.property(parameterName, text, text, fc.array(text, { maxLength: 3 }), (key, one, two, between) => {
        fc.pre(key !== 'resource');
        const others = between.map((value, index): Pair => [`other-${index}-${key}`, value]);
        const first = new URLSearchParams([[key, one], ...others]).toString();
        expectInvalidRequest(`${first}&${escapeAll(key)}=${escapeAll(two)}`);
      }),
    );
  });

  it('says for any bytes either what they mean or invalid_request, and nothing else', () => {
    const formLike = fc.string({ unit: fc.constantFrom(...'a=&%+2fFzé\0'), maxLength: 30 });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      formLike.map((body) => Buffer.from(body)),
    );
    fc.assert(
      fc.property(bytes, (body) => {
        try {
          const form = FormParameters.parse(Buffer.from(body));
          expect(form.getAll('a').every((value) => value !== '')).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ name: 'OAuthError', code: 'invalid_request', status: 400 });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('refuses bytes that are not UTF-8, plain or escaped', () => {
    const invalid = fc.constantFrom([0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0xf5, 0x80]);
    fc.assert(
      fc.property(text, invalid, (before, bytes) => {
        const prefix = `name=${escapeAll(before)}`;
        expectInvalidRequest(Buffer.concat([Buffer.from(prefix), Buffer.from(bytes)]));
        expectInvalidRequest(prefix + bytes.map((byte) => `%${byte.toString(16)}`).join(''));
      }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FormParameters } from '../common/form-parameters.js';
import {
  readBasicCredentials,
  readClientCredentials,
  writeBasicCredentials,
  type ClientCredentials,
} from './client-credentials.js';

/** RFC 6749 appendix A.1 and A.2, with what encoders and splitters stumble over. */
const vschar = fc.oneof(
  fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  fc.constantFrom(...':%+ &=/'),
);
const identifier = fc.string({ unit: vschar, minLength: 1, maxLength: 20 });

const form = (parameters: Record<string, string>) =>
  FormParameters.parse(Buffer.from(new URLSearchParams(parameters).toString()));

const formEncode = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);

const header = (content: string | Uint8Array) => `Basic ${Buffer.from(content as string).toString('base64')}`;

const basicOf = (clientId: string, secret: string) => header(`${formEncode(clientId)}:${formEncode(secret)}`);

/** @returns the error code of a refusal; anything but a refusal fails the test */
function refusal(read: () => ClientCredentials): string {
  try {
    throw new Error(`accepted ${JSON.stringify(read())}`);
  } catch (error) {
    expect(error).toMatchObject({ name: 'OAuthError' });
    return (error as { code: string }).code;
  }
}

/** Credentials of the right syntax, or a refusal. */
function expectCredentialsOrRefusal(read: () => ClientCredentials): void {
  let credentials: ClientCredentials;
  try {
    credentials = read();
  } catch (error) {
    expect(error).toMatchObject({ name: 'OAuthError' });
    expect(['invalid_client', 'invalid_request']).toContain((error as { code: string }).code);
    return;
  }
  for (const part of [credentials.clientId, credentials.secret ?? 'none']) {
    expect(part).toMatch(/^[\x20-\x7e]+$/);
  }
}

describe('Client credentials, for any client_id and secret (RFC 6749 section 2.3.1)', () => {
  it('come back from the header that another encoder wrote', () => {
    fc.assert(
      fc.property(identifier, identifier, (clientId, secret) => {
        const expected = { method: 'client_secret_basic', clientId, secret };
        expect(readBasicCredentials(basicOf(clientId, secret))).toMatchObject(expected);
        expect(readBasicCredentials(basicOf(clientId, secret).replace(/=+$/, ''))).toMatchObject(expected);
        expect(readClientCredentials(basicOf(clientId, secret), form({ client_id: clientId }))).toMatchObject(
          expected,
        );
      }),
    );
  });

  it('come back from the header of a client that encodes nothing, as the one text or the other', () => {
    const noColon = identifier.map((text) => text.replaceAll(':', '.'));
    fc.assert(
      fc.property(noColon, identifier, (clientId, secret) => {
        const credentials = readBasicCredentials(header(`${clientId}:${secret}`));
        expect(credentials.asWritten ?? credentials).toMatchObject({ clientId, secret });
        const body = form({ client_id: clientId });
        expect(readClientCredentials(header(`${clientId}:${secret}`), body)).toEqual(credentials);
      }),
    );
  });

  it('come back from the header that passport is shown, which has one space and one colon', () => {
    fc.assert(
      fc.property(identifier, identifier, (clientId, secret) => {
        const written = writeBasicCredentials({ method: 'client_secret_basic', clientId, secret });
        expect(readBasicCredentials(written)).toMatchObject({ clientId, secret });
        const [scheme, content = '', ...rest] = written.split(' ');
        expect([scheme, rest]).toEqual(['Basic', []]);
        expect(Buffer.from(content, 'base64').toString().split(':')).toHaveLength(2);
      }),
    );
  });

  it('come back from the body', () => {
    fc.assert(
      fc.property(identifier, identifier, (clientId, secret) => {
        const body = form({ client_id: clientId, client_secret: secret });
        const expected = { method: 'client_secret_post', clientId, secret };
        expect(readClientCredentials(undefined, body)).toEqual(expected);
        const alone = { method: 'none', clientId, secret: null };
        expect(readClientCredentials(undefined, form({ client_id: clientId }))).toEqual(alone);
      }),
    );
  });

  it('are refused when they come in two ways, also when both are the same', () => {
    fc.assert(
      fc.property(identifier, identifier, identifier, (clientId, secret, other) => {
        const basic = basicOf(clientId, secret);
        const twice = form({ client_id: clientId, client_secret: secret });
        expect(refusal(() => readClientCredentials(basic, twice))).toBe('invalid_request');
        if (other === clientId) return;
        const another = form({ client_id: other });
        expect(refusal(() => readClientCredentials(basic, another))).toBe('invalid_request');
      }),
    );
  });

  it('are refused with a character that neither can have', () => {
    const foreign = fc.constantFrom('\0', '\t', '\n', '\r', '\x7f', '\x80', 'é', '\ufeff', '😀');
    fc.assert(
      fc.property(identifier, foreign, fc.boolean(), (text, character, first) => {
        const bad = first ? character + text : text + character;
        for (const [clientId, secret] of [
          [bad, text],
          [text, bad],
        ] as const) {
          expect(refusal(() => readBasicCredentials(header(`${clientId}:${secret}`)))).toBe('invalid_client');
          const body = form({ client_id: clientId, client_secret: secret });
          expect(refusal(() => readClientCredentials(undefined, body))).toBe('invalid_client');
        }
      }),
    );
  });

  it('are read from any header, or refused, and nothing else', () => {
    const scheme = fc.constantFrom('Basic ', 'basic  ', 'BASIC ', 'Basic', 'Basic\t', 'Bearer ', '');
    const anyHeader = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.uint8Array({ maxLength: 40 }).map(header),
      fc.string({ unit: fc.constantFrom(...'a:%2+é'), maxLength: 12 }).map(header),
      fc.tuple(scheme, fc.base64String()).map((parts) => parts.join('')),
      fc.tuple(scheme, fc.string()).map((parts) => parts.join('')),
    );
    const body = fc.dictionary(
      fc.constantFrom('client_id', 'client_secret'),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.option(anyHeader, { nil: undefined }), body, (authorization, parameters) => {
        expectCredentialsOrRefusal(() => readBasicCredentials(authorization ?? ''));
        expectCredentialsOrRefusal(() => readClientCredentials(authorization, form(parameters)));
      }),
      { numRuns: 200 },
    );
  });
});

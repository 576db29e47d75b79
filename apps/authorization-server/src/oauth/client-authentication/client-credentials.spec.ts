import { describe, expect, it } from '@jest/globals';
import { FormParameters } from '../common/form-parameters.js';
import { readBasicCredentials, readClientCredentials } from './client-credentials.js';

const header = (text: string | Buffer) => `Basic ${Buffer.from(text as string).toString('base64')}`;
const form = (text = '') => FormParameters.parse(Buffer.from(text));
const refused = (code: string) => expect.objectContaining({ code });

describe('readBasicCredentials', () => {
  it.each([
    ['id:secret', 'id', 'secret'],
    ['id:se:cr:et', 'id', 'se:cr:et'],
    ['id::', 'id', ':'],
    ['1PpG%2FQ+1:a%2Bb+c', '1PpG/Q 1', 'a+b c'],
    ['i%3Ad:%25', 'i:d', '%'],
  ])('%j is the client %j with the secret %j', (text, clientId, secret) => {
    const expected = { method: 'client_secret_basic', clientId, secret };
    expect(readBasicCredentials(header(text))).toMatchObject(expected);
    expect(readBasicCredentials(header(text).replace('Basic ', 'bAsIc  '))).toMatchObject(expected);
    expect(readBasicCredentials(header(text).replace(/=+$/, ''))).toMatchObject(expected);
  });

  it('gives the other text, where the client may have encoded nothing', () => {
    expect(readBasicCredentials(header('i+d:a%2Bb=='))).toEqual({
      method: 'client_secret_basic',
      clientId: 'i d',
      secret: 'a+b==',
      asWritten: { clientId: 'i+d', secret: 'a%2Bb==' },
    });
    expect(readBasicCredentials(header('id:a/b=='))).not.toHaveProperty('asWritten');
  });

  it.each(['a%zz', 'a%', 'a%0Ab', '%C3%A4'])('takes %s as it is, because it cannot be encoded', (secret) => {
    const expected = { method: 'client_secret_basic', clientId: 'id', secret };
    expect(readBasicCredentials(header(`id:${secret}`))).toEqual(expected);
  });

  it.each([
    ['another scheme', 'Bearer aWQ6c2VjcmV0'],
    ['a scheme that only contains it', 'xBasic aWQ6c2VjcmV0'],
    ['nothing', ''],
    ['the scheme alone', 'Basic'],
    ['the scheme and spaces', 'Basic   '],
    ['no base64', 'Basic !!!'],
    ['base64 with something after it', `${header('id:secret')} x`],
    ['stray bits', 'Basic aWQ6YR=='],
    ['two of them', `${header('id:secret')}, ${header('id:secret')}`],
    ['no colon', header('id')],
    ['no client_id', header(':secret')],
    ['no secret', header('id:')],
    ['a control character', header('id:a\nb')],
    ['an umlaut', header('id:ä')],
    ['bytes that are not UTF-8', header(Buffer.from([0x61, 0x3a, 0xff]))],
  ])('refuses %s', (_, authorization) => {
    expect(() => readBasicCredentials(authorization)).toThrow(refused('invalid_client'));
  });
});

describe('readClientCredentials', () => {
  const BASIC = header('id:secret');

  it('reads them from the body', () => {
    expect(readClientCredentials(undefined, form('client_id=id&client_secret=s'))).toEqual({
      method: 'client_secret_post',
      clientId: 'id',
      secret: 's',
    });
  });

  it('reads a public client, and an empty secret as none', () => {
    const none = { method: 'none', clientId: 'id', secret: null };
    expect(readClientCredentials(undefined, form('client_id=id'))).toEqual(none);
    expect(readClientCredentials(undefined, form('client_id=id&client_secret='))).toEqual(none);
  });

  it('accepts the same client_id beside Basic, in either text', () => {
    expect(readClientCredentials(BASIC, form('client_id=id')).method).toBe('client_secret_basic');
    for (const clientId of ['i d', 'i+d']) {
      const body = form(`client_id=${encodeURIComponent(clientId)}`);
      expect(readClientCredentials(header('i+d:s'), body)).toMatchObject({ clientId: 'i d' });
    }
  });

  it.each<[string | undefined, string, string]>([
    [undefined, '', 'invalid_client'],
    [undefined, 'client_secret=s', 'invalid_client'],
    [undefined, 'client_id=%C3%A4', 'invalid_client'],
    [undefined, 'client_id=id&client_secret=%0A', 'invalid_client'],
    ['Bearer x', 'client_id=id&client_secret=s', 'invalid_client'],
    [BASIC, 'client_id=other', 'invalid_request'],
    [header('i+d:s'), 'client_id=id', 'invalid_request'],
    [BASIC, 'client_secret=secret', 'invalid_request'],
    [BASIC, 'client_id=id&client_secret=secret', 'invalid_request'],
  ])('refuses %j with %j: %s', (authorization, body, code) => {
    expect(() => readClientCredentials(authorization, form(body))).toThrow(refused(code));
  });
});

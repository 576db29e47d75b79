import { describe, expect, it } from '@jest/globals';
import { decodeFormComponent, FormParameters } from './form-parameters.js';
import { OAuthError } from './oauth-error.js';

const parse = (body: string | Buffer) => FormParameters.parse(Buffer.from(body as string));

describe('FormParameters', () => {
  it.each([
    ['a=1&b=2', 'b', '2'],
    ['a=1+2%2B3', 'a', '1 2+3'],
    ['a=%C3%A9', 'a', 'é'],
    ['a=é', 'a', 'é'],
    ['a=b=c', 'a', 'b=c'],
    ['&&a=1&', 'a', '1'],
    ['a%20b=1', 'a b', '1'],
    ['a=%00', 'a', '\0'],
    ['a=%EF%BB%BFb', 'a', '\ufeffb'],
    ['a=%20x%20', 'a', ' x '],
    ['password[$ne]=x', 'password[$ne]', 'x'],
    ['__proto__=x', '__proto__', 'x'],
  ])('reads %j: %s is %j', (body, name, value) => {
    expect(parse(body).get(name)).toBe(value);
  });

  it.each(['', 'a=', 'a', 'b=1', 'A=1', 'a[]=1'])('has no value for a in %j', (body) => {
    expect(parse(body).get('a')).toBeNull();
    expect(() => parse(body).require('a')).toThrow(OAuthError);
  });

  it('takes a repeated resource, and no flood of them', () => {
    const resources = (count: number): string => Array(count).fill('resource=a').join('&');
    expect(parse(resources(20)).getAll('resource')).toHaveLength(20);
    expect(() => parse(resources(21))).toThrow(OAuthError);
    expect(() => parse('resource&'.repeat(7281))).toThrow(OAuthError);
  });

  it('knows nothing that was not sent', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) expect(parse('a=1').get(name)).toBeNull();
  });

  it.each(['a=1&a=1', 'a=&a=1', 'a&a', 'x=1&a=2&x=3', 'a=1&%61=2', '=1&=2'])(
    'refuses the repeated parameter in %j',
    (body) => {
      expect(() => parse(body)).toThrow(expect.objectContaining({ code: 'invalid_request', status: 400 }));
    },
  );

  it.each(['a=%', 'a=%4', 'a=%zz', '%=a', 'a=%C3', 'a=%FF', 'a=%ED%A0%80', 'a=%C0%80'])(
    'refuses the broken escape in %j',
    (body) => {
      expect(() => parse(body)).toThrow(expect.objectContaining({ code: 'invalid_request', status: 400 }));
    },
  );

  it('reads the texts of a JSON object, and lists of them', () => {
    const parameters = FormParameters.parseJson(
      Buffer.from('{"a":"1","b":["x","y"],"c":[],"d":null,"e":""}'),
    );
    expect(['a', 'b', 'c', 'd', 'e', 'toString'].map((name) => parameters.get(name))).toEqual([
      '1',
      'x y',
      null,
      null,
      null,
      null,
    ]);
    expect(parameters.with('a', '2').get('a')).toBe('2');
    expect(parameters.get('a')).toBe('1');
  });

  it.each(['', '{', '7', 'null', '{"a":7}', '{"a":{}}', '{"a":[["x"]]}', '{"a":true}', '{"a":"\u00ff"}'])(
    'refuses %j as JSON',
    (body) => {
      const parseJson = () => FormParameters.parseJson(Buffer.from(body, 'latin1'));
      expect(parseJson).toThrow(expect.objectContaining({ code: 'invalid_request', status: 400 }));
    },
  );

  it('refuses bytes that are not UTF-8', () => {
    expect(() => parse(Buffer.from([0x61, 0x3d, 0xff]))).toThrow(OAuthError);
  });
});

it('decodes what is encoded once, once', () => {
  expect(decodeFormComponent('%2525')).toBe('%25');
  expect(decodeFormComponent('%2B+')).toBe('+ ');
  expect(decodeFormComponent('%')).toBeNull();
});

import { describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { assertUnchanged, entityTag, IfMatch } from './entity-tag.js';
import { refusalOf, valueOf } from './an-administrator.spec-support.js';

const CURRENT = { key: 12, version: 3 };

describe('assertUnchanged', () => {
  it.each([
    entityTag(CURRENT),
    '*',
    ' * ',
    '"9-9", "12-3"',
    '"9-9",*',
    // As nginx, Apache and Caddy return it.
    'W/"12-3"',
    '"12-3-gzip"',
    '"12-3--br"',
    'W/"9-9" , W/"12-3-zstd"',
  ])('accepts %s', (ifMatch) => {
    expect(() => assertUnchanged(ifMatch, CURRENT)).not.toThrow();
  });

  it.each([
    '"12-4"',
    '"1-3"',
    '"13-3"',
    '12-3',
    '"112-3"',
    '"12-33"',
    'x"12-3"',
    '"12-3"x',
    'w/"12-3"',
    '"12-3-"',
    '"12-3-gzip1"',
    '"12-3---gzip"',
    '"*"',
    ',',
  ])('refuses %s', async (ifMatch) => {
    expect(await refusalOf(() => assertUnchanged(ifMatch, CURRENT))).toEqual([412, 'changed_meanwhile']);
  });
});

describe('A tag that a proxy made weak', () => {
  it.each([7, 42, 1234567])('names version %d', (version) => {
    const current = { key: 12, version };
    expect(() => assertUnchanged(`W/${entityTag(current)}`, current)).not.toThrow();
  });
});

describe('IfMatch', () => {
  const contextOf = (ifMatch?: string) => {
    const getRequest = () => ({ headers: { 'if-match': ifMatch } });
    return { switchToHttp: () => ({ getRequest }) } as unknown as ExecutionContext;
  };
  const ifMatchOf = valueOf<string>(IfMatch());

  it('is the header of the request', () => {
    expect(ifMatchOf(contextOf('"12-3"'))).toBe('"12-3"');
  });

  it.each([undefined, ''])('is required, and is not %j', async (ifMatch) => {
    const context = contextOf(ifMatch);
    expect(await refusalOf(() => ifMatchOf(context))).toEqual([428, 'precondition_required']);
  });
});

import { describe, expect, it } from '@jest/globals';
import { FormParameters } from '../../common/form-parameters.js';
import { requestedAudience } from './audience-policy.js';

const ORDERS = 'https://orders.example.com/';
const STOCK = 'https://stock.example.com/';
const ALLOWED = [ORDERS, STOCK];

function audience(...resources: string[]): readonly string[] {
  const body = resources.map((name) => `resource=${encodeURIComponent(name)}`).join('&');
  return requestedAudience(FormParameters.parse(Buffer.from(body)), ALLOWED);
}

describe('requestedAudience', () => {
  it('is all that is allowed, when nothing is asked for', () => {
    expect(audience()).toEqual(ALLOWED);
  });

  it.each([[[STOCK]], [[STOCK, ORDERS]]])('is the part that is asked for: %j', (resources) => {
    expect(audience(...resources)).toEqual(resources);
  });

  it('names each once', () => {
    expect(audience(STOCK, STOCK)).toEqual([STOCK]);
  });

  it.each([
    [['https://other.example.com/']],
    [[STOCK, 'https://other.example.com/']],
    [[STOCK.slice(0, -1)]],
    [[STOCK.toUpperCase()]],
    [[`${STOCK}x`]],
  ])('refuses %j', (resources) => {
    expect(() => audience(...resources)).toThrow(
      expect.objectContaining({ code: 'invalid_target', status: 400 }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import { networkOf } from './login-source.js';

describe('networkOf', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '20010db800010002/64'],
    ['2001:DB8:1:2::', '20010db800010002/64'],
    ['2001:db8:1:3::1', '20010db800010003/64'],
  ])('finds the network of %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it.each(['', 'localhost', '192.0.2.256', '192.0.2.0/24', '2001:db8::/32', '1.2.3.4, 5.6.7.8'])(
    'finds none in %j',
    (address) => {
      expect(networkOf(address)).toBeNull();
    },
  );
});

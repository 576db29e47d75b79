import { describe, expect, it } from '@jest/globals';
import { isAddressRange, networkOf, parseAddress, remoteAddressOf, trustIn } from './address.js';

describe('parseAddress', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['203.0.113.9:5555', '203.0.113.9'],
    ['2001:db8::1', '2001:db8::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25eth0]:80', 'fe80::1'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['::FFFF:cb00:7109', '203.0.113.9'],
    ['[::ffff:203.0.113.9]:5555', '203.0.113.9'],
    ['::', '::'],
  ])('reads %s as %s, which it reads as itself', (text, address) => {
    expect(parseAddress(text)).toBe(address);
    expect(parseAddress(address)).toBe(address);
  });

  it.each([
    '',
    ' ',
    'unknown',
    '_hidden',
    'localhost',
    'a'.repeat(12_000),
    `${'1'.repeat(12_000)}:1`,
    `fe80::1%${'a'.repeat(12_000)}`,
    '203.0.113.256',
    '203.0.113',
    '010.0.0.1',
    '3405803785',
    '0x7f.1',
    '203.0.113.9:',
    '203.0.113.9:http',
    '203.0.113.9:123456',
    '[203.0.113.9]',
    '[203.0.113.9]:80',
    '203.0.113.0/24',
    '203.0.113.9, 203.0.113.8',
    '203.0.113.9\n',
    '"203.0.113.9"',
    'for=203.0.113.9',
    '[2001:db8::1',
    '2001:db8::1]:80',
    '[2001:db8::1]443',
    '2001:db8::g',
    '2001:db8::/32',
    'fe80::1%',
    '[]',
    '[]:80',
  ])('finds no address in %.40j', (text) => {
    expect(parseAddress(text)).toBeNull();
  });
});

describe('trustIn', () => {
  it.each([
    ['10.0.0.0/8', ['10.0.0.0', '10.255.255.255'], ['11.0.0.0', '9.255.255.255', '::a00:0']],
    ['10.1.2.3/8', ['10.9.9.9'], ['11.0.0.0']],
    ['192.0.2.7', ['192.0.2.7'], ['192.0.2.8']],
    ['0.0.0.0/0', ['203.0.113.9'], ['2001:db8::1']],
    ['::/0', ['2001:db8::1'], ['203.0.113.9']],
    ['2001:db8::/32', ['2001:db8::1', '2001:db8:ffff::'], ['2001:db9::']],
    ['2001:DB8::1', ['2001:db8::1'], ['2001:db8::2']],
    ['::ffff:10.0.0.0/104', ['10.9.9.9'], ['11.0.0.0']],
    ['::ffff:192.0.2.7', ['192.0.2.7'], ['192.0.2.8']],
    ['loopback', ['127.0.0.1', '127.9.9.9', '::1'], ['128.0.0.1', '::2']],
  ])('trusts %s', (hop, inside, outside) => {
    expect(isAddressRange(hop)).toBe(true);
    const trust = trustIn([hop]);
    expect(inside.filter((address) => !trust(address))).toEqual([]);
    expect([...outside, 'unknown', ''].filter(trust)).toEqual([]);
  });

  it.each([
    '',
    'true',
    'proxy.example.com',
    '10',
    '10.0.0',
    '010.0.0.1',
    '0x0a000001',
    '10.0.0.1:443',
    '[2001:db8::1]',
    'fe80::1%eth0',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    '2001:db8::/129',
    '/8',
    'Loopback',
  ])('is not to be had from %j', (hop) => {
    expect(isAddressRange(hop)).toBe(false);
  });
});

describe('remoteAddressOf', () => {
  const PROXY = '10.0.0.1';
  const trust = trustIn(['10.0.0.0/8']);

  const sentBy = (remoteAddress: string | undefined, forwarded?: string | string[]) => ({
    socket: { remoteAddress },
    headers: { 'x-forwarded-for': forwarded },
  });

  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['203.0.113.9:5555', '203.0.113.9'],
    ['[2001:DB8::1]:443', '2001:db8::1'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['unknown, 203.0.113.9', '203.0.113.9'],
    ['203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['203.0.113.9:1, 10.0.0.2:2', '203.0.113.9'],
    [' , 203.0.113.9 ,, ', '203.0.113.9'],
    ['203.0.113.9, unknown', PROXY],
    ['203.0.113.9, unknown, 10.0.0.2', '10.0.0.2'],
    ['unknown', PROXY],
    ['_hidden', PROXY],
    ['a'.repeat(12_000), PROXY],
    ['', PROXY],
    [',', PROXY],
  ])('behind a trusted proxy that says %.40j is %s', (forwarded, address) => {
    expect(remoteAddressOf(sentBy(PROXY, forwarded), trust)).toBe(address);
    expect(remoteAddressOf(sentBy(`::ffff:${PROXY}`, [forwarded]), trust)).toBe(address);
  });

  it('is the peer where nobody is trusted, or not the peer', () => {
    expect(remoteAddressOf(sentBy(PROXY, '203.0.113.9'), null)).toBe(PROXY);
    expect(remoteAddressOf(sentBy('192.0.2.1', '203.0.113.9'), trust)).toBe('192.0.2.1');
    expect(remoteAddressOf(sentBy('::ffff:192.0.2.1'), null)).toBe('192.0.2.1');
    expect(remoteAddressOf(sentBy('fe80::1%eth0'), null)).toBe('fe80::1');
  });

  it('believes nothing about a connection that is gone', () => {
    expect(remoteAddressOf(sentBy(undefined, '203.0.113.9'), trust)).toBe('unknown');
  });
});

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

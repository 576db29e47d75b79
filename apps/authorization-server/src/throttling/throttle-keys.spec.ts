import { beforeEach, describe, expect, it } from '@jest/globals';
import { DATA_KEYS } from './a-throttle.spec-support.js';
import { ThrottleKeys } from './throttle-keys.js';

describe('ThrottleKeys', () => {
  const keys = new ThrottleKeys(DATA_KEYS);
  let alice: Buffer;
  let bob: Buffer;
  const ADDRESS = '203.0.113.1';

  beforeEach(() => {
    [alice, bob] = [keys.account('alice'), keys.account('bob')];
  });

  const buckets = (): [string, Buffer][] => [
    ['an account', alice],
    ['another account', bob],
    ['a factor of it', keys.factor(alice, ADDRESS)],
    ['another factor of it', keys.factor(alice, '1')],
    ['a factor of the other account', keys.factor(bob, ADDRESS)],
    ['a source at it', keys.source(alice, ADDRESS)],
    ['another source at it', keys.source(alice, '203.0.113.2')],
    ['a source at the other account', keys.source(bob, ADDRESS)],
    ['its unknown sources', keys.shared(alice, true)],
    ['its sources without an address', keys.shared(alice, false)],
    ['the unknown sources of the other account', keys.shared(bob, true)],
    ['the sources without an address of the other account', keys.shared(bob, false)],
    ['a device at it', keys.device(alice, ADDRESS)],
    ['another device at it', keys.device(alice, '1')],
    ['a device at the other account', keys.device(bob, ADDRESS)],
    ['a source at all accounts', keys.budget(ADDRESS)],
    ['another source at all accounts', keys.budget('203.0.113.2')],
    ['messages', keys.sending('account', 'alice')],
    ['messages of another kind', keys.sending('address', 'alice')],
    ['messages to another', keys.sending('account', 'bob')],
  ];

  it('gives each bucket a name of its own, which is always the same', () => {
    const names = buckets().map(([, key]) => key.toString('hex'));
    expect(new Set(names).size).toBe(names.length);
    expect(buckets().map(([, key]) => key.toString('hex'))).toEqual(names);
  });

  // The rows of known sources live for 90 days, through updates of the server.
  it('gives it the same name in every version', () => {
    const named: [Buffer, string][] = [
      [alice, 'dfa5a03713a19fa1719900bbd7ab628a'],
      [keys.factor(alice, '1'), 'ffb0c12d967840ff9b4022e2c467f457'],
      [keys.source(alice, ADDRESS), 'f12d783087845cd4f951b4ba73d30a16'],
      [keys.shared(alice, true), 'fd00b0f7ff1c3e031faaff4d5460326d'],
      [keys.shared(alice, false), '7f5175fec3592965a884ed6fd083e04e'],
      [keys.device(alice, 'lkd_1'), 'b61485ccb50e5087194ad5f27ee2e850'],
      [keys.budget(ADDRESS), '6de2ce390b9295042d40ae5b1a7f2f37'],
      [keys.sending('account', 'alice'), '52e1cb8747b12f01cfbf720a46ef8a80'],
    ];
    for (const [key, name] of named) expect(key.toString('hex')).toBe(name);
  });

  it('names them by sixteen bytes, which do not contain what they are made of', () => {
    for (const [, key] of buckets()) {
      expect(key).toHaveLength(16);
      expect(key.includes('alice')).toBe(false);
    }
  });

  it('takes a network of IPv6 for one source', () => {
    const [one, same, other] = ['2001:db8:0:1::1', '2001:db8:0:1:ffff::', '2001:db8:0:2::1'] as const;
    for (const name of [
      (address: string) => keys.source(alice, address),
      (address: string) => keys.budget(address),
    ]) {
      expect(name(one)).toEqual(name(same));
      expect(name(one)).not.toEqual(name(other));
    }
  });

  it('knows the devices that it made for an account, until they expire', () => {
    const device = keys.createDeviceValue(alice, Date.now() + 60_000);
    expect(keys.isGenuine(device, alice)).toBe(true);
    expect(keys.isGenuine(device, bob)).toBe(false);
    expect(keys.isGenuine(keys.createDeviceValue(alice, Date.now() - 1000), alice)).toBe(false);
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import { STATE } from '../authorizations/a-state.spec-support.js';
import type { AuthorizationState, CachedAuthorization } from '../authorizations/authorization.js';
import type { TokenAuthorizations } from '../authorizations/token-authorizations.js';
import { newDataKey, type DataKey } from '../data-keys/data-key.js';
import type { DataKeysService } from '../data-keys/data-keys.service.js';
import { KeyRing } from '../data-keys/key-ring.js';
import { RefreshTokens } from './refresh-tokens.js';

const ACTIVE = newDataKey('refresh', 'active');
const ID = STATE.authorization.id;
const SEED = Buffer.alloc(16, 5);
const stateWith = (seed: Buffer | null) => ({ ...STATE, authorization: { ...STATE.authorization, seed } });

describe('RefreshTokens', () => {
  let state: AuthorizationState<CachedAuthorization> | null;
  let asked: string[];
  let keys: { ring: KeyRing };
  let tokens: RefreshTokens;

  const use = (...stored: DataKey[]) => void (keys.ring = new KeyRing(stored));
  const create = (generation = 0) => tokens.create({ id: ID, seed: SEED }, generation) ?? '';

  beforeEach(() => {
    [state, asked, keys] = [stateWith(SEED), [], { ring: new KeyRing([ACTIVE]) }];
    const authorizations = {
      find: (sid: string) => {
        asked.push(sid);
        return Promise.resolve(state);
      },
    } as unknown as TokenAuthorizations;
    tokens = new RefreshTokens(keys as DataKeysService, authorizations);
  });

  it('verifies a token, and finds its authorization and generation', async () => {
    for (const generation of [0, 7, 2 ** 32 - 1]) {
      expect(await tokens.verify(create(generation))).toEqual({ generation, state });
    }
    expect(asked).toEqual([ID, ID, ID]);
  });

  it('makes the same token again, so that a retry gets the same answer', () => {
    expect(create(1)).toBe(create(1));
    expect(create(1)).not.toBe(create(2));
    expect(create(1)).toMatch(/^lkr_/);
  });

  it('makes none without a seed, and seeds at random', () => {
    expect(tokens.create({ id: ID, seed: null }, 0)).toBeNull();
    expect(tokens.newSeed()).toHaveLength(16);
    expect(tokens.newSeed()).not.toEqual(tokens.newSeed());
  });

  it('reads a token of a key that has rotated, until that key is gone', async () => {
    const token = create();
    const next = newDataKey('refresh', 'active');
    use({ ...ACTIVE, state: 'retired' }, next);
    expect(await tokens.verify(token)).toEqual({ generation: 0, state });
    expect(create()).not.toBe(token);
    use({ ...ACTIVE, state: 'revoked' }, next);
    expect(await tokens.verify(token)).toBeNull();
  });

  it.each<[string, () => void]>([
    ['of an authorization that is gone', () => void (state = null)],
    ['of an authorization without refresh tokens', () => void (state = stateWith(null))],
    ['of an authorization with another seed', () => void (state = stateWith(Buffer.alloc(16, 6)))],
    ['of a key for something else', () => use({ ...ACTIVE, purpose: 'sealing' })],
    ['of a key of the same name', () => use({ ...newDataKey('refresh', 'active'), kid: ACTIVE.kid })],
  ])('refuses a token %s', async (_, arrange) => {
    const token = create();
    arrange();
    expect(await tokens.verify(token)).toBeNull();
  });

  it('looks nothing up for what has not the form, and trusts no form alone', async () => {
    const token = create();
    for (const text of ['', 'lkr_', token.slice(1), `${token}AAAA`])
      expect(await tokens.verify(text)).toBeNull();
    expect(asked).toEqual([]);
    const altered = Buffer.from(token.slice(4), 'base64url');
    altered.writeUInt8((altered.at(-1) ?? 0) ^ 1, altered.length - 1);
    expect(await tokens.verify(`lkr_${altered.toString('base64url')}`)).toBeNull();
    expect(asked).toEqual([ID]);
  });
});

import { JwtService } from '@nestjs/jwt';
import type { ReceivedChanges } from '../changes/received-changes.js';
import type { DataKey } from '../data-keys/data-key.js';
import type { DataKeyRepository } from '../data-keys/data-key-repository.js';
import { wrapDataKey } from '../data-keys/data-key-wrapping.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import { MasterKey } from '../data-keys/master-key.js';
import { AccessTokens } from './access-tokens.js';
import { JwtAccessTokens } from './jwt-access-tokens.js';
import { OpaqueAccessTokens } from './opaque-access-tokens.js';

const jwt = new JwtService({});
const masterKey = new MasterKey(Buffer.alloc(32, 7));

/** The access tokens of a server with these keys; reading keys takes no database, audit log or logger. */
export async function accessTokensWith(keys: readonly DataKey[]): Promise<AccessTokens> {
  const nothing = undefined as never;
  const changes = { subscribe: () => () => undefined } as unknown as ReceivedChanges;
  const stored = keys.map((key) => ({ ...wrapDataKey(key, masterKey), age: 0 }));
  const repository = { list: () => Promise.resolve(stored) } as unknown as DataKeyRepository;
  const service = new DataKeysService(nothing, nothing, repository, masterKey, nothing, nothing, changes);
  await service.reload();
  return new AccessTokens(service, new JwtAccessTokens(jwt, service), new OpaqueAccessTokens(service));
}

import { wrappingContext, type DataKey } from './data-key.js';
import type { WrappedDataKey } from './data-key-repository.js';
import type { MasterKey } from './master-key.js';

export function wrapDataKey(
  { kid, purpose, state, material }: DataKey,
  masterKey: MasterKey,
): Omit<WrappedDataKey, 'age'> {
  return { kid, purpose, state, wrapped: masterKey.wrap(material, wrappingContext(kid, purpose)) };
}

/** @throws UnsealError */
export function unwrapDataKey(
  { kid, purpose, state, wrapped }: WrappedDataKey,
  masterKey: MasterKey,
): DataKey {
  return { kid, purpose, state, material: masterKey.unwrap(wrapped, wrappingContext(kid, purpose)) };
}

import { expect, it } from '@jest/globals';
import type { Client } from '../../clients/client.js';
import { OAuthError } from '../common/oauth-error.js';
import { assertMayIntrospect } from './may-introspect.js';

const assertFor = (clientType: string, mayIntrospect: boolean) => () =>
  assertMayIntrospect({ clientType, mayIntrospect } as Client);

it('lets a resource server introspect', () => {
  expect(assertFor('confidential', true)).not.toThrow();
});

it.each([
  ['confidential', false],
  ['public', true],
  ['public', false],
])('refuses a %s client whose registration says %s', (clientType, mayIntrospect) => {
  expect(assertFor(clientType, mayIntrospect)).toThrow(
    expect.objectContaining({
      constructor: OAuthError,
      code: 'unauthorized_client',
      status: 403,
      description: 'The client may not introspect tokens',
    }),
  );
});

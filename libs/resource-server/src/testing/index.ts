export {
  FakeAuthorizationServer,
  type FakeServerOptions,
  type ServerToken,
} from './fake-authorization-server.js';
export { TestIntrospector, withToken, type TestToken, type TokenHeaders } from './test-tokens.js';

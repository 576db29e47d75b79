export { FakeAuthorizationServer, type FakeServerOptions } from './fake-authorization-server.js';
export { TestIntrospector, withToken, type TestToken, type TokenHeaders } from './test-tokens.js';

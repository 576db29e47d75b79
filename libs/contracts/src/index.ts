export * from './access-token.js';
export * from './ecdsa-signature.js';
export * from './grant-type.js';
export * from './introspection-response.js';
export * from './oauth-error-code.js';
export * from './revocation-feed.js';
export * from './scope-set.js';
export * from './token-response.js';

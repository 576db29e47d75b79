export * from './application-routes.js';
export * from './document.js';
export * from './health.description.js';
export * from './open-api-document.js';
export * from './request-schema.js';
export * from './response-schema.js';
export * from './serve-docs.js';
export * from './serve-root.js';

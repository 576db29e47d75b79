export * from './describe.js';
export * from './document.js';
export * from './request-schema.js';
export * from './schema.js';
export * from './serve.js';

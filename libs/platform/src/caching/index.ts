export * from './growing-to.js';
export * from './memoized.js';
export * from './when-known.js';

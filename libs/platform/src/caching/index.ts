export * from './memoized.js';
export * from './when-known.js';

export * from './memoized.js';

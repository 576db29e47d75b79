export * from './drain.js';
export * from './lifecycle.module.js';

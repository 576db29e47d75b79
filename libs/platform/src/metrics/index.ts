export * from './metrics-endpoint.js';
export * from './metrics.module.js';

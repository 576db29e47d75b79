export * from './decode-text.js';
export * from './configuration-error.js';
export * from './environment-reader.js';
export * from './secret-strength.js';

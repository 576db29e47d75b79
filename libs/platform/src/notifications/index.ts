export * from './notification.js';
export * from './notifications.js';

// Read by each process of Jest before anything else (scripts/jest.mjs). When a worker has nothing left to do, Node.js
// frees its heap before it ends, which takes longer on a busy machine than the half second that Jest waits before it
// says "failed to exit gracefully". This way the worker ends without that. One with open handles does not come here, and
// Jest still says so.
const { isMainThread } = require('node:worker_threads');

if (isMainThread && process.env.JEST_WORKER_ID) process.once('beforeExit', () => process.exit());

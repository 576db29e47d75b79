import type { ApiDescription, DescribedAnswer } from './document.js';
import { objectSchema } from './response-schema.js';

const OK = objectSchema({ status: { const: 'ok' } });

/**
 * See `HealthController`.
 *
 * @param unavailable how the server answers 503
 */
export const healthDescription = (unavailable: DescribedAnswer): ApiDescription => ({
  operations: {
    'GET /health/live': {
      id: 'isAlive',
      summary: 'Whether the process answers',
      security: [],
      answers: { 200: { description: 'It does', schema: OK } },
    },
    'GET /health/ready': {
      id: 'isReady',
      summary: 'Whether it can serve requests, and will for a while',
      security: [],
      answers: {
        200: { description: 'It can', schema: OK },
        503: { ...unavailable, description: 'The database does not answer, or the server is about to stop' },
      },
    },
  },
});
